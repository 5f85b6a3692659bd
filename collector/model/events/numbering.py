"""Numbers the deliveries of the same work, and says how each of them ended.

Which handlings are attempts at the same work is decided once, for lists and pages alike, in
:mod:`collector.model.stitching.attempts`; here each is found again among the deliveries. What only
log records tell of is an attempt of the invocation with the same request id.
"""

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass

from collector.model.events.pieces import Material
from collector.model.events.work import Work
from collector.model.stitching.attempts import Handling, attempts
from collector.model.stitching.keys import Outcome


@dataclass(frozen=True, slots=True)
class Numbered:
    """A delivery as attempt ``number`` of ``count``; ``group`` is equal for the same work.

    ``ended_in``: as in :class:`~collector.model.event_trace.Delivery`.
    """

    work: Work
    group: int
    number: int
    count: int
    ended_in: str | None = None


def numbered(material: Material, works: Sequence[Work]) -> list[Numbered]:
    """Every delivery with its attempt, in the order given (of time)."""
    groups = _groups(material, works)
    dead = {each.message_id for each in works if each.dead_letter} - {None}
    given_up = material.summary.status == "dead_lettered"
    found: dict[int, Numbered] = {}
    for index, group in enumerate(groups):
        stated = [works[place].number for place in group]
        count = max([len(group), *stated])
        reached = 0
        for position, place in enumerate(group):
            reached = max(reached + 1, stated[position])
            ended = _ended_in([works[each] for each in group], position, dead, given_up, works)
            found[place] = Numbered(works[place], index, reached, max(count, reached), ended)
    return [found[place] for place in range(len(works))]


def _groups(material: Material, works: Sequence[Work]) -> list[list[int]]:
    """Places of the works of each group, in order of time."""
    parent = list(range(len(works)))

    def find(place: int) -> int:
        while parent[place] != place:
            parent[place] = parent[parent[place]]
            place = parent[place]
        return place

    def join(places: Iterable[int]) -> None:
        first, *others = [find(each) for each in places] or [0]
        for each in others:
            parent[max(first, each)] = first = min(first, each)

    for group in attempts(material.fragments, material.occurrences):
        found = (_place(each, works) for each in group.handlings)
        join(dict.fromkeys(place for place in found if place is not None))
    by_request: dict[tuple[str | None, str], list[int]] = {}
    for place, work in enumerate(works):
        if work.invocation_id and work.batch_size is None:
            by_request.setdefault((work.function, work.invocation_id), []).append(place)
    for places in by_request.values():
        join(places)
    groups: dict[int, list[int]] = {}
    for place in range(len(works)):
        groups.setdefault(find(place), []).append(place)
    return list(groups.values())


def _place(handling: Handling, works: Sequence[Work]) -> int | None:
    """The delivery that is this handling: of its fragment and function, at its time."""
    fitting = [
        place
        for place, work in enumerate(works)
        if handling.fragment.fragment_id in work.fragments
        and (work.function == handling.function or handling.function is None)
    ]
    return min(
        fitting, key=lambda place: abs(works[place].begun_ns - handling.start_ns), default=None
    )


def _ended_in(
    group: Sequence[Work],
    position: int,
    dead: Set[str | None],
    given_up: bool,
    works: Sequence[Work],
) -> str | None:
    work = group[position]
    if any(each.outcome is Outcome.OK for each in group[:position]):
        return "duplicate" if work.outcome is not Outcome.ERROR else None
    if work.outcome is Outcome.OK:
        return None
    if position < len(group) - 1:
        return "retried"
    if work.dead_letter or work.outcome is not Outcome.ERROR:
        return "dead_lettered" if work.message_id in dead and not work.dead_letter else None
    if _redone(work, works):
        return "redriven"
    return "dead_lettered" if work.message_id in dead or given_up else None


def _redone(failed: Work, works: Sequence[Work]) -> bool:
    """The same function did it later: a redrive gives the message another id."""
    return any(
        each.function == failed.function
        and each.start_ns > failed.start_ns
        and each.outcome is Outcome.OK
        and not each.dead_letter
        for each in works
    )
