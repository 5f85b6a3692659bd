"""Lays a trace out as rows of a waterfall: order, depth, and where each bar begins and ends.

Nothing that was sent is left out: a span whose parent never arrived hangs under a phantom row, a
ring of parents is cut at its earliest span, and a span without an end reaches to the end of the
trace and says so. Positions are per cent of the time axis, as SVG attributes take them; inline
styles are forbidden by the Content-Security-Policy.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from collector.model.span import Span, Trace

CHUNK: Final = 150
"""Rows sent at once: about 100 kB of HTML. The rest of a trace comes as it is scrolled to."""

ROW_PX: Final = 28
MAX_DEPTH: Final = 12
_NARROWEST: Final = 0.15  # per cent: about a pixel on a wide screen
_MOST_MARKS: Final = 12
_TICKS: Final = 4


@dataclass(frozen=True, slots=True)
class Row:
    """One row. ``span`` None is a phantom: ``span_id`` was named as a parent and never came."""

    span: Span | None
    span_id: str
    depth: int
    below: int
    folded: bool
    x: float
    width: float
    marks: tuple[float, ...]

    @property
    def indent(self) -> int:
        return min(self.depth, MAX_DEPTH)


@dataclass(frozen=True, slots=True)
class Chunk:
    """A run of rows from ``start``; ``rows`` is empty until it comes into view."""

    start: int
    size: int
    rows: Sequence[Row]

    @property
    def height_px(self) -> int:
        return self.size * ROW_PX

    @property
    def full(self) -> bool:
        """True when its height is the one the stylesheet reserves for runs that are out of view."""
        return self.size == CHUNK


@dataclass(frozen=True, slots=True)
class Waterfall:
    """All visible rows and the time axis they share."""

    rows: Sequence[Row]
    start_ns: int
    duration_ns: int
    ticks: Sequence[tuple[float, int]]

    def chunks(self, shown: str | None = None) -> list[Chunk]:
        """The rows in runs; only the one that holds ``shown`` is filled, else the first."""
        place = next((i for i, row in enumerate(self.rows) if row.span_id == shown), 0)
        return [
            Chunk(start, len(run), run if start == place - place % CHUNK else ())
            for start, run in self._runs()
        ]

    def chunk(self, start: int) -> Chunk:
        """One run, filled."""
        run = self.rows[start : start + CHUNK]
        return Chunk(start, len(run), run)

    def _runs(self) -> Iterator[tuple[int, Sequence[Row]]]:
        for start in range(0, len(self.rows), CHUNK):
            yield start, self.rows[start : start + CHUNK]


class _Axis:
    """Turns times into per cent of a stretch of time; what lies outside is cut off."""

    def __init__(self, start_ns: int, duration_ns: int) -> None:
        self.start_ns, self.duration_ns = start_ns, max(1, duration_ns)

    def at(self, time_ns: int) -> float:
        share = (time_ns - self.start_ns) / self.duration_ns
        return round(min(1.0, max(0.0, share)) * 100, 3)


def lay_out(
    trace: Trace, *, folded: Collection[str] = frozenset(), zoom: str | None = None
) -> Waterfall:
    """The waterfall of a trace; without rows where no span arrived.

    ``folded`` spans hide what is below them; ``zoom`` makes one span fill the time axis.
    """
    whole = next((span for span in trace.spans if span.span_id == zoom), None)
    axis = _Axis(
        whole.start_ns if whole else trace.start_ns,
        whole.end_ns - whole.start_ns if whole else trace.duration_ns,
    )
    rows = list(_rows(trace.spans, axis, frozenset(folded)))
    ticks = [(100 * i / _TICKS, axis.duration_ns * i // _TICKS) for i in range(_TICKS + 1)]
    return Waterfall(rows, axis.start_ns, axis.duration_ns, ticks)


def _rows(spans: Sequence[Span], axis: _Axis, folded: Collection[str]) -> Iterator[Row]:
    by_id = {span.span_id: span for span in spans}
    children: dict[str | None, list[Span]] = defaultdict(list)
    for span in by_id.values():
        children[span.parent_span_id].append(span)
    roots = _roots(by_id, children)
    below = _counts_below(roots, children)
    stack = [(root, 0, None) for root in reversed(roots)]
    hidden_at: int | None = None
    while stack:
        span_id, depth, _ = stack.pop()
        stack.extend((child.span_id, depth + 1, None) for child in reversed(children[span_id]))
        if hidden_at is not None and depth > hidden_at:
            continue
        hidden_at = depth if span_id in folded else None
        yield _row(by_id.get(span_id), span_id, depth, children, below, axis, span_id in folded)


def _roots(by_id: dict[str, Span], children: dict[str | None, list[Span]]) -> list[str]:
    """Spans without a parent, parents that never came, and one span of each ring, by time."""
    starts = {span.span_id: span.start_ns for span in children[None]}
    for parent_id in children.keys() - by_id.keys() - {None}:
        starts[str(parent_id)] = children[parent_id][0].start_ns
    reached: set[str] = set()
    _reach(starts, children, reached)
    for span in by_id.values():  # in order of time: the earliest of a ring becomes its root
        if span.span_id not in reached:
            children[span.parent_span_id].remove(span)
            starts[span.span_id] = span.start_ns
            _reach([span.span_id], children, reached)
    return sorted(starts, key=lambda span_id: (starts[span_id], span_id))


def _reach(
    roots: Collection[str], children: dict[str | None, list[Span]], reached: set[str]
) -> None:
    stack = list(roots)
    while stack:
        span_id = stack.pop()
        reached.add(span_id)
        stack.extend(child.span_id for child in children[span_id] if child.span_id not in reached)


def _counts_below(roots: Sequence[str], children: dict[str | None, list[Span]]) -> dict[str, int]:
    order: list[str] = []
    stack = list(roots)
    while stack:
        span_id = stack.pop()
        order.append(span_id)
        stack.extend(child.span_id for child in children[span_id])
    below: dict[str, int] = {}
    for span_id in reversed(order):
        below[span_id] = sum(1 + below[child.span_id] for child in children[span_id])
    return below


def _row(
    span: Span | None,
    span_id: str,
    depth: int,
    children: dict[str | None, list[Span]],
    below: dict[str, int],
    axis: _Axis,
    folded: bool,
) -> Row:
    under = children[span_id]
    start_ns = span.start_ns if span else min(child.start_ns for child in under)
    if span is None:
        end_ns = max(child.end_ns for child in under)
    elif span.duration_ns is None:
        end_ns = axis.start_ns + axis.duration_ns
    else:
        end_ns = span.end_ns
    x, right = axis.at(start_ns), axis.at(end_ns)
    width = max(_NARROWEST, round(right - x, 3))
    marks = tuple(axis.at(event.time_ns) for event in (span.events if span else ())[:_MOST_MARKS])
    return Row(span, span_id, depth, below[span_id], folded, min(x, 100 - width), width, marks)


def minimap(waterfall: Waterfall, height: int = 46) -> list[tuple[str | None, bool, str]]:
    """The whole waterfall in ``height`` lines: (function, failed, SVG path) for each colour.

    Equal strokes are drawn once and failures last, on top; 2,000 spans are about 20 kB.
    """
    strokes: dict[tuple[str | None, bool], set[tuple[int, int, int]]] = defaultdict(set)
    rows = [row for row in waterfall.rows if row.span is not None]
    for place, row in enumerate(rows):
        if row.span is not None:
            line = 2 + place * (height - 2) // max(len(rows), height // 3)
            left = round(row.x * 10)
            stroke = (line, left, max(3, round(row.width * 10)))
            strokes[row.span.function, row.span.status == "error"].add(stroke)
    return [
        (function, failed, "".join(f"M{x} {y}h{w}" for y, x, w in sorted(found)))
        for (function, failed), found in sorted(strokes.items(), key=lambda item: item[0][1])
    ]
