"""What is known of the exact parts of events, by which inferred evidence is judged."""

from collections.abc import Hashable, Mapping, Sequence
from typing import Final

from collector.model.stitching.facts import Fragment, Occurrence, Part
from collector.model.stitching.keys import Kind

VALUES: Final = frozenset((Kind.CORRELATION, Kind.BUSINESS))


class ExactPart:
    """Fragments that exact evidence holds together, and the keys they hold.

    ``start``: where it began, its earliest entry, else its earliest fragment with spans.
    ``tenant``: the one it is of; None when it says none, or several.
    """

    __slots__ = ("_chosen", "_held", "fragments", "only_logs", "start", "tenant")

    def __init__(
        self, fragments: Sequence[Fragment], held: Mapping[Hashable, Sequence[Occurrence]]
    ) -> None:
        self.fragments = fragments
        self._held = held
        self._chosen: dict[str, tuple[int, Hashable | None]] | None = None
        self.start = fragments[0] if len(fragments) == 1 else min(fragments, key=_begins)
        tenants: set[str] = set()
        self.only_logs = True
        for each in fragments:
            if each.tenant:
                tenants.add(each.tenant)
            if each.part != Part.LOGS:
                self.only_logs = False
        self.tenant = tenants.pop() if len(tenants) == 1 else None

    def named_at_start(self, said: Sequence[Occurrence]) -> bool:
        """True when the function it began at names the key."""
        start = self.start
        return any(
            each.fragment_id == start.fragment_id and each.function == start.function
            for each in said
        )

    def holds_first(self, key: Hashable, said: Sequence[Occurrence]) -> bool:
        """False when it names several values of the family of this one, another as its own.

        Of several families one is enough to make a value its own.
        """
        chosen = self._chosen
        if chosen is None:
            chosen = self._chosen = self._choose()
        second = False
        for each in said:
            if each.kind in VALUES:
                count, own = chosen[each.family]
                if count < 2 or own == key:
                    return True
                second = True
        return not second

    def _choose(self) -> dict[str, tuple[int, Hashable | None]]:
        """By family: how many values it holds, and which of several is its own."""
        found: dict[str, list[Occurrence]] = {}
        for fragment in self.fragments:
            for each in self._held.get(fragment.fragment_id, ()):
                if each.kind in VALUES:
                    if each.family in found:
                        found[each.family].append(each)
                    else:
                        found[each.family] = [each]
        chosen: dict[str, tuple[int, Hashable | None]] = {}
        for family, said in found.items():
            count = 1 if len(said) == 1 else len({each.key for each in said})
            chosen[family] = (count, self._own_value(said) if count > 1 else None)
        return chosen

    def _own_value(self, said: Sequence[Occurrence]) -> Hashable | None:
        """The value of the function that names one first, in an entry before others.

        Where that function names two, the one it names last: the other was left over from what its
        environment did before. Of more none is taken for its own.
        """
        entries = {each.fragment_id for each in self.fragments if each.entry}
        function = self.start.function
        first = min(
            said,
            key=lambda each: (
                each.fragment_id not in entries,
                each.function != function,
                each.time_ns,
                each.function or "",
                each.fragment_id,
            ),
        )
        last: dict[Hashable, int] = {}
        for each in said:
            if each.fragment_id == first.fragment_id and each.function == first.function:
                end = each.time_ns if each.end_ns is None else each.end_ns
                last[each.key] = max(end, last.get(each.key, end))
        latest = [key for key, end in last.items() if end == max(last.values())]
        return latest[0] if len(last) <= 2 and len(latest) == 1 else None


def _begins(fragment: Fragment) -> tuple[bool, bool, int, Hashable]:
    bare = fragment.part == Part.LOGS or fragment.span_count == 0
    return (not fragment.entry, bare, fragment.start_ns, fragment.fragment_id)
