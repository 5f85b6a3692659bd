"""The chain of work and waiting that the length of an event is made of.

Walked backward from the end: the delivery that was over last, in it always the span that was over
last before the present place, from its beginning over the waits to what caused it, and on to the
begin of the event. The segments are contiguous and add up to the event's length exactly.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush

from collector.model.event_trace import Segment
from collector.model.events.causes import Cause
from collector.model.events.numbering import Numbered
from collector.model.events.pieces import SENDING, Piece
from collector.model.events.waits import before
from collector.model.events.work import Work

_NOTHING_KNOWN = "nothing is known of this time"

_Id = tuple[str, str]


def critical_path(
    numbered: Sequence[Numbered],
    causes: Sequence[Cause | None],
    pieces: Iterable[Piece],
    start_ns: int,
    end_ns: int,
) -> list[Segment]:
    """Segments in order of time from ``start_ns`` to ``end_ns``, without gaps or overlaps."""
    trail = _Trail(start_ns, end_ns)
    children = _children(pieces)
    left = set(range(len(numbered)))
    place = _last(numbered, left, end_ns)
    while place is not None and trail.at_ns > start_ns:
        left.discard(place)
        work, cause = numbered[place].work, causes[place]
        trail.down(work.spent_ns, "unknown", _NOTHING_KNOWN)
        trail.down(work.over_ns, *_rest(work))
        _through(work, children, trail)
        for wait in reversed(before(numbered[place], cause)):
            if wait.start_ns < trail.at_ns:
                trail.down(wait.end_ns, "unknown", _NOTHING_KNOWN)
                trail.down(wait.start_ns, wait.kind, wait.label)
        source = cause.source if cause else None
        place = source if source in left else _last(numbered, left, trail.at_ns)
    trail.down(start_ns, "unknown", _NOTHING_KNOWN)
    return trail.segments()


class _Trail:
    """Where the walk is, and the segments behind it."""

    def __init__(self, start_ns: int, end_ns: int) -> None:
        self._start_ns = start_ns
        self.at_ns = max(start_ns, end_ns)
        self._behind: list[Segment] = []

    def down(self, to_ns: int, kind: str, label: str, span_id: str | None = None) -> None:
        """Goes back to ``to_ns``, not beyond the begin of the event; nowhere when that is ahead."""
        to_ns = max(to_ns, self._start_ns)
        if to_ns >= self.at_ns:
            return
        last = self._behind[-1] if self._behind else None
        end_ns = self.at_ns
        if last and (last.kind, last.label, last.span_id) == (kind, label, span_id):
            end_ns = self._behind.pop().end_ns
        self._behind.append(Segment(kind, label, to_ns, end_ns, span_id))
        self.at_ns = to_ns

    def segments(self) -> list[Segment]:
        return self._behind[::-1]


@dataclass(slots=True)
class _Frame:
    """A span the walk is in, and those right below it that it may still go into.

    ``ended``: in order of their end, the last one next. ``open``: those that were not over yet, a
    heap of which the event's own come before shared ones and the latest begun first.
    """

    piece: Piece | None
    ended: list[Piece]
    open: list[tuple[bool, int, _Id, Piece]] = field(default_factory=list)

    def next_below(self, at_ns: int) -> Piece | None:
        """The span the time right before ``at_ns`` was spent in, else the last over before it."""
        while self.ended and self.ended[-1].span.end_ns >= at_ns:
            each = self.ended.pop()
            heappush(self.open, (each.shared, -each.span.start_ns, each.id, each))
        while self.open:
            below = heappop(self.open)[-1]
            if below.span.start_ns < at_ns:
                return below
        while self.ended:
            below = self.ended.pop()
            if below.span.end_ns > below.span.start_ns:
                return below
        return None


def _through(work: Work, children: Mapping[_Id, list[Piece]], trail: _Trail) -> None:
    """Goes back through one delivery to the begin of its invocation.

    Into each span once: what is broken names as its parent what it is the parent of.
    """
    missing = _begin(work)
    stack = [_Frame(None, _tops(work))]
    entered: set[_Id] = set()
    while stack:
        frame = stack[-1]
        below = frame.next_below(trail.at_ns)
        if below is not None:
            _describe(frame.piece, below.span.end_ns, trail, missing)
            inside = children.get(below.id)
            if inside and below.id not in entered:
                entered.add(below.id)
                stack.append(_Frame(below, list(inside)))
            else:
                _describe(below, below.span.start_ns, trail, missing)
            continue
        begin_ns = frame.piece.span.start_ns if frame.piece else work.begun_ns
        _describe(frame.piece, begin_ns, trail, missing)
        stack.pop()


def _begin(work: Work) -> tuple[str, str]:
    """What its invocation spent before its first span, and between those without one above."""
    function = work.function or "a function"
    if work.invocation and work.invocation.root:
        return "compute", f"{function}: its begin"
    return "unknown", f"{function}, whose own span never arrived"


def _rest(work: Work) -> tuple[str, str]:
    """What its invocation spent after its own part was done."""
    function = work.function or "a function"
    if not (work.invocation and work.invocation.root):
        return "unknown", f"{function}, whose own span never arrived"
    return "compute", f"{function}: {'the rest of its batch' if work.batch_size else 'its end'}"


def _tops(work: Work) -> list[Piece]:
    """The topmost spans of its invocation that it is in, in order of their end."""
    if work.invocation is None:
        return []
    inside = {each.id for each in work.invocation.pieces}
    tops = [each for each in work.invocation.pieces if each.parent_id not in inside]
    return sorted(tops or list(work.invocation.pieces[:1]), key=_by_end)


def _describe(piece: Piece | None, to_ns: int, trail: _Trail, missing: tuple[str, str]) -> None:
    if to_ns >= trail.at_ns:
        return
    if piece is None:
        trail.down(to_ns, *missing)
    else:
        trail.down(to_ns, _kind(piece), _label(piece), piece.span.span_id)


def _kind(piece: Piece) -> str:
    if piece.span.kind in SENDING:
        return "downstream"
    return "cold_start" if piece.span.name == "init" and piece.span.cold_start else "compute"


def _label(piece: Piece) -> str:
    function = piece.span.function
    return f"{function}: {piece.span.name}" if function and function != piece.span.name else (
        piece.span.name or "a span without a name"
    )  # fmt: skip


def _children(pieces: Iterable[Piece]) -> Mapping[_Id, list[Piece]]:
    """What went on inside each span, in order of its end; what a message began later is not."""
    by_id = {each.id: each for each in pieces}
    children: defaultdict[_Id, list[Piece]] = defaultdict(list)
    for each in by_id.values():
        parent = by_id.get(each.parent_id) if each.parent_id else None
        if parent is None or parent is each:
            continue
        unending = parent.span.duration_ns is None
        if unending or each.span.start_ns < parent.span.end_ns:
            children[parent.id].append(each)
    for below in children.values():
        below.sort(key=_by_end)
    return children


def _by_end(piece: Piece) -> tuple[int, bool, int, str, str]:
    return (piece.span.end_ns, not piece.shared, *piece.order)


def _last(numbered: Sequence[Numbered], left: Iterable[int], at_ns: int) -> int | None:
    """The delivery that was at work last before a time."""
    begun = [place for place in left if numbered[place].work.begun_ns < at_ns]
    return max(
        begun,
        key=lambda place: (min(numbered[place].work.over_ns, at_ns), numbered[place].work.order),
        default=None,
    )
