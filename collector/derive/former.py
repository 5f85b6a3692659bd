"""Where ids lead that event traces had, once their fragment is cut anew or is in none any more."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from collector.model.stitching.facts import Occurrence
from collector.model.stitching.keys import Kind
from collector.store.stitching_load import Loaded


@dataclass(frozen=True, slots=True)
class Former:
    """Reads what a run decided.

    ``event_of``: the groups of judged fragments that are in one; ``was_in``: the stored event
    traces of all that are judged; ``shared_of``: the shared fragment of each delivery;
    ``now``: the group that each former event trace is part of.
    """

    loaded: Loaded
    event_of: Mapping[Any, Any]
    was_in: Mapping[Any, int | None]
    shared_of: Mapping[Any, Any]
    occurrences: Sequence[Occurrence]
    now: Mapping[int, int]

    def ways(self, kept: Iterable[int]) -> list[tuple[int, int]]:
        """(id, a fragment of what became of it); ``kept``: ids that event traces still have.

        Any fragment that is no more may have given an event trace its id before that one merged.
        """
        ways = [(each, self._cut_anew(each)) for each in self.loaded.heirs]
        ways += [(each, self._left_out(each)) for each in self.loaded.events.keys() - {*kept}]
        return [(former, way) for former, way in ways if way is not None]

    def _cut_anew(self, fragment: int) -> int | None:
        event = self.loaded.replaced[fragment]
        heirs = (each for each in self.loaded.heirs[fragment] if each in self.event_of)
        if fragment == event and event in self.now:
            return self.now[event]
        return next(heirs, None if event is None else self.now.get(event))

    def _left_out(self, event: int) -> int | None:
        """What leads on from an id whose fragment is there, but in no event trace.

        Log records that a batch is found to have written are with its messages.
        """
        if event not in self.was_in or event in self.event_of:
            return None
        return self.now.get(event) or next(self._of_its_invocation(event), None)

    def _of_its_invocation(self, fragment: int) -> Iterator[Any]:
        keys = {
            each.key
            for each in self.occurrences
            if each.fragment_id == fragment and each.kind is Kind.INVOCATION
        }
        holders: set[Any] = {each.fragment_id for each in self.occurrences if each.key in keys}
        deliveries = {each for each, shared in self.shared_of.items() if shared in holders}
        return (each for each in sorted(holders | deliveries) if each in self.event_of)
