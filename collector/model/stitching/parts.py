"""What is known of the exact parts of events, by which inferred evidence is judged."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from collector.model.stitching.facts import Fragment, Occurrence, Part
from collector.model.stitching.keys import Kind

VALUES: Final = frozenset((Kind.CORRELATION, Kind.BUSINESS))


@dataclass(frozen=True)
class ExactPart:
    """Fragments that exact evidence holds together, and the keys they hold."""

    fragments: Sequence[Fragment]
    held: Mapping[Hashable, Sequence[Occurrence]]  # by fragment

    @cached_property
    def start(self) -> Fragment:
        """Where it began: its earliest entry, else its earliest fragment with spans."""
        return min(self.fragments, key=_begins)

    @cached_property
    def only_logs(self) -> bool:
        return all(each.part == Part.LOGS for each in self.fragments)

    @cached_property
    def tenant(self) -> str | None:
        """The tenant it is of; None when it says none, or several."""
        tenants = {each.tenant for each in self.fragments if each.tenant}
        return tenants.pop() if len(tenants) == 1 else None

    @cached_property
    def _chosen(self) -> dict[str, tuple[int, Hashable | None]]:
        """By family: how many values it holds, and the one that is its own."""
        found: dict[str, list[Occurrence]] = {}
        for fragment in self.fragments:
            for each in self.held.get(fragment.fragment_id, ()):
                if each.kind in VALUES:
                    found.setdefault(each.family, []).append(each)
        entries = {each.fragment_id for each in self.fragments if each.entry}
        function = self.start.function
        return {
            family: (len({each.key for each in said}), _own_value(said, entries, function))
            for family, said in found.items()
        }

    def named_at_start(self, said: Sequence[Occurrence]) -> bool:
        """True when the function it began at names the key."""
        start = self.start
        return any(
            each.fragment_id == start.fragment_id and each.function == start.function
            for each in said
        )

    def holds_first(self, key: Hashable, families: set[str]) -> bool:
        """False when under each of these families it holds several values, another as its own."""
        if not families:
            return True
        return any(
            count < 2 or own == key for count, own in (self._chosen[family] for family in families)
        )


def _begins(fragment: Fragment) -> tuple[bool, bool, int, Hashable]:
    bare = fragment.part == Part.LOGS or fragment.span_count == 0
    return (not fragment.entry, bare, fragment.start_ns, fragment.fragment_id)


def _own_value(
    said: Sequence[Occurrence], entries: set[Hashable], function: str | None
) -> Hashable | None:
    """The value of the function that names one first, in an entry before others.

    Where that function names two, the one it names last: the other was left over from what its
    environment did before. Of more none is taken for its own.
    """
    first = min(
        said,
        key=lambda each: (
            each.fragment_id not in entries,
            each.function != function,
            each.time_ns,
            each.function or "",
        ),
    )
    last: dict[Hashable, int] = {}
    for each in said:
        if each.fragment_id == first.fragment_id and each.function == first.function:
            end = each.time_ns if each.end_ns is None else each.end_ns
            last[each.key] = max(end, last.get(each.key, end))
    latest = [key for key, end in last.items() if end == max(last.values())]
    return latest[0] if len(last) <= 2 and len(latest) == 1 else None
