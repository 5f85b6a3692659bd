"""Which handlings are attempts at the same work: retries, duplicates, dead letters, redrives.

A handling is one function taking one message or request. Two handlings by the same function are
attempts at the same work when they hold the same message, event or request id; where a hop kept no
id, a handling that failed is retried by the next one of the same function and queue.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from collector.model.stitching.facts import Fragment, Occurrence, Part
from collector.model.stitching.hulls import hulls
from collector.model.stitching.keys import Kind, Outcome, Role

GIVEN_UP_AFTER: Final = 3
"""Failed receives of one message after which its queue is taken to have given it up, where neither
settings nor telemetry say. A queue without a dead-letter queue goes on for days."""

_IDENTIFYING: Final = frozenset((Kind.MESSAGE, Kind.EVENT, Kind.INVOCATION))

MaxReceives = Callable[[str], int | None]
"""Receives after which a queue moves a message to its dead-letter queue; None: not known."""


@dataclass(frozen=True, slots=True)
class Handling:
    """``number`` is the attempt the telemetry states, 0 where it states none."""

    fragment: Fragment
    function: str | None
    place: str | None
    start_ns: int
    outcome: Outcome
    number: int = 0
    dead_letter: bool = False


@dataclass(frozen=True, slots=True)
class Attempts:
    """Handlings of the same work in order of time, at least one.

    ``queued``: they were receives of a message, which its queue repeats until it gives up.
    """

    handlings: tuple[Handling, ...]
    queued: bool

    @property
    def last(self) -> Handling:
        return self.handlings[-1]

    @property
    def failed(self) -> bool:
        """No attempt succeeded, as far as is known, and the last one failed."""
        done = any(each.outcome is Outcome.OK for each in self.handlings)
        return not done and self.last.outcome is Outcome.ERROR

    @property
    def count(self) -> int:
        """Attempts made, those included that only a stated number tells of."""
        return max(len(self.handlings), max(each.number for each in self.handlings))

    @property
    def duplicates(self) -> int:
        """Handlings that succeeded after one had succeeded already."""
        succeeded = sum(each.outcome is Outcome.OK for each in self.handlings)
        return max(0, succeeded - 1)

    @property
    def retries(self) -> int:
        return self.count - 1 - self.duplicates

    def given_up(self, max_receives: MaxReceives) -> bool:
        """True when its queue has put it aside: seen as a dead letter, or received too often."""
        if any(each.dead_letter for each in self.handlings):
            return True
        if not (self.queued and self.failed):
            return False
        place = next((each.place for each in self.handlings if each.place), None)
        limit = max_receives(place) if place else None
        return self.count >= (limit or GIVEN_UP_AFTER)


def attempts(fragments: Sequence[Fragment], occurrences: Sequence[Occurrence]) -> list[Attempts]:
    """Every handling of one event trace, grouped; groups in order of their first handling."""
    received: dict[Hashable, list[Occurrence]] = defaultdict(list)
    for each in occurrences:
        if each.role is Role.IN and each.kind in _IDENTIFYING:
            received[each.fragment_id].append(each)
    hollow = hulls(fragments, occurrences)
    found: list[_Keyed] = []
    for fragment in fragments:
        if fragment.part is not Part.SHARED and fragment.fragment_id not in hollow:
            found += _handlings(fragment, received.get(fragment.fragment_id, ()))
    found.sort(key=_order)
    groups, anonymous = _by_key(found)
    return sorted(groups + _in_succession(anonymous), key=lambda each: _place_in_time(each.last))


@dataclass(slots=True)
class _Keyed:
    """A handling and the keys that name its work; ``queued``: one of them is a message id."""

    handling: Handling
    keys: set[Hashable] = field(default_factory=set)
    queued: bool = False


def _handlings(fragment: Fragment, received: Sequence[Occurrence]) -> list[_Keyed]:
    """By function: one a message taken; where no message is known, one an invocation."""
    if not received:
        return [_Keyed(_bare(fragment))] if fragment.span_count else []
    by_function: dict[str | None, list[Occurrence]] = defaultdict(list)
    for each in received:
        by_function[each.function or fragment.function].append(each)
    found = []
    for function, of_function in by_function.items():
        messages = [each for each in of_function if each.kind is not Kind.INVOCATION]
        taken = _by_time(fragment, function, messages or of_function)
        if len(taken) == 1:  # the invocation is surely that of the message
            taken[0].keys.update(each.key for each in of_function)
        found += taken
    return found


def _by_time(
    fragment: Fragment, function: str | None, received: Sequence[Occurrence]
) -> list[_Keyed]:
    found: dict[int, _Keyed] = {}
    for each in received:
        earlier = found.get(each.time_ns)
        if earlier is None:
            found[each.time_ns] = earlier = _Keyed(_handling(fragment, function, each))
        elif _says_more(each, earlier.handling):
            earlier.handling = _handling(fragment, function, each)
        earlier.keys.add(each.key)
        earlier.queued |= each.kind is not Kind.INVOCATION
    return list(found.values())


def _says_more(occurrence: Occurrence, handling: Handling) -> bool:
    """Of several keys of one handling the one that tells most speaks for it, whatever the order."""
    mine = (occurrence.dead_letter, occurrence.attempt or 0, occurrence.outcome,
            occurrence.place or "")  # fmt: skip
    return mine > (handling.dead_letter, handling.number, handling.outcome, handling.place or "")


def _handling(fragment: Fragment, function: str | None, received: Occurrence) -> Handling:
    first = fragment.destinations[0] if fragment.destinations else None
    return Handling(
        fragment=fragment,
        function=function,
        place=received.place or (first if function == fragment.function else None),
        start_ns=received.time_ns,
        outcome=received.outcome,
        number=received.attempt or 0,
        dead_letter=received.dead_letter,
    )


def _bare(fragment: Fragment) -> Handling:
    place = fragment.destinations[0] if fragment.destinations else None
    outcome = Outcome.ERROR if fragment.failed else Outcome.OK
    return Handling(fragment, fragment.function, place, fragment.start_ns, outcome)


def _by_key(found: Sequence[_Keyed]) -> tuple[list[Attempts], list[Handling]]:
    """Groups by shared keys, and the single handlings whose work no message id names."""
    group_of: dict[tuple[str | None, Hashable], list[_Keyed]] = {}
    for each in found:
        function = each.handling.function
        group = [each]
        for earlier in {
            id(group_of[function, key]): group_of[function, key]
            for key in each.keys
            if (function, key) in group_of
        }.values():
            group += earlier
        for member in group:
            for key in member.keys:
                group_of[function, key] = group
        if not each.keys:
            group_of[function, id(each)] = group
    groups, anonymous = [], []
    for group in {id(group): group for group in group_of.values()}.values():
        if len(group) == 1 and not group[0].queued:
            anonymous.append(group[0].handling)
        else:
            handlings = tuple(each.handling for each in sorted(group, key=_order))
            groups.append(Attempts(handlings, any(each.queued for each in group)))
    return groups, anonymous


def _in_succession(anonymous: Iterable[Handling]) -> list[Attempts]:
    """A failed handling and the next of the same function and queue are attempts at one thing."""
    groups: list[list[Handling]] = []
    open_group: dict[tuple[str | None, str | None], list[Handling]] = {}
    for each in sorted(anonymous, key=_place_in_time):
        work = (each.function, each.place)
        group = open_group.get(work)
        if group is None or group[-1].outcome is not Outcome.ERROR:
            group = open_group[work] = []
            groups.append(group)
        group.append(each)
    return [Attempts(tuple(group), group[0].place is not None) for group in groups]


def _order(keyed: _Keyed) -> tuple[int, str, str]:
    return _place_in_time(keyed.handling)


def _place_in_time(handling: Handling) -> tuple[int, str, str]:
    return (handling.start_ns, handling.function or "", str(handling.fragment.fragment_id))
