"""Lays an event trace out as a timeline: lanes of functions, blocks of work, and waits between.

A block's row also holds the waits before it, so that each wait ends where its work begins;
unfolded, the spans of the block follow as rows of their own. Positions are per cent of the time
axis across and pixels down, as SVG attributes take them.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from collector.model.event_trace import EventTrace
from web import formats
from web.blocks import Block, blocks
from web.rows import ROW_PX, WAITS, Row, rows_of
from web.threads import Knot, Line, connectors, critical, paths
from web.ties import Tie, reached, ties
from web.timescale import Scale, even, shortened

CHUNK: Final = 40
"""Rows sent at once: about 45 kB of HTML."""

FEW_ROWS: Final = 18
"""An event of so few blocks and spans is shown with all of them unfolded."""

_BEFORE: Final = 0.1
"""Part of the event's length that is shown before its start: its first function may have waited
long for its environment, which is no part of the event and would make it small."""

ALL: Final = "all"
"""In place of the ids of blocks: every one is unfolded."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """A run of rows from ``start`` with what is drawn over them; empty until it comes into view.

    ``paths``: (kind, SVG path) of the lines.
    """

    start: int
    size: int
    rows: Sequence[Row] = ()
    paths: Sequence[tuple[str, str]] = ()
    knots: Sequence[Knot] = ()

    @property
    def height_px(self) -> int:
        return self.size * ROW_PX

    @property
    def full(self) -> bool:
        """True when its height is the one the stylesheet reserves for runs that are out of view."""
        return self.size == CHUNK


@dataclass(frozen=True, slots=True)
class Timeline:
    """All rows and the axis they share. ``strokes``: the minimap, as in a waterfall."""

    rows: Sequence[Row]
    scale: Scale
    lines: Sequence[Line]
    knots: Sequence[Knot]
    opened: frozenset[str] = field(default=frozenset())

    def chunks(self, shown: str | None = None) -> list[Chunk]:
        """The rows in runs; only the one that holds ``shown`` is filled, else the first."""
        place = next((i for i, row in enumerate(self.rows) if row.select == shown), 0)
        starts = range(0, len(self.rows), CHUNK)
        return [
            self.chunk(start)
            if start == place - place % CHUNK
            else Chunk(start, min(CHUNK, len(self.rows) - start))
            for start in starts
        ]

    def chunk(self, start: int) -> Chunk:
        """One run, filled."""
        rows = self.rows[start : start + CHUNK]
        top, bottom = start * ROW_PX, (start + len(rows)) * ROW_PX
        return Chunk(
            start,
            len(rows),
            rows,
            paths(cut for line in self.lines if (cut := line.within(top, bottom))),
            [knot.below(top) for knot in self.knots if top <= knot.y < bottom],
        )

    def whole(self) -> Chunk:
        """All rows in one run, for a file that loads nothing."""
        return Chunk(0, len(self.rows), self.rows, paths(self.lines), self.knots)


@dataclass(frozen=True, slots=True)
class View:
    """What of the timeline is asked for. ``opened`` None: as suits its size."""

    opened: frozenset[str] | None = None
    path_only: bool = False
    min_confidence: float = 0.0
    zoom: str | None = None
    short: bool = False


def lay_out(event: EventTrace, view: View = View()) -> Timeline:
    """The timeline of an event; without rows where nothing of it was stored but logs."""
    found = blocks(event)
    known = ties(event, found)
    opened = view.opened
    if opened is None:
        few = len(found) + sum(len(block.all_spans) for block in found) <= FEW_ROWS
        opened = frozenset({ALL}) if few else frozenset()
    if ALL in opened:
        opened = frozenset(block.id for block in found)
    scale = _scale(event, found, view)
    kept = reached(event, found[0].fragment_id if found else None, view.min_confidence)
    rows = list(rows_of(event, found, scale, opened, kept))
    if view.path_only:
        rows = _on_path(rows, event)
    place = _places(rows)
    weak = frozenset(
        (tie.source, tie.target)
        for tie in known
        if tie.joint and tie.joint.confidence < view.min_confidence
    )
    shown: list[Tie] = [tie for tie in known if (tie.source, tie.target) not in weak]
    lines, knots = connectors(shown, found, place, scale)
    path = critical(event, found, place, scale)
    return Timeline(rows, scale, [*lines, *path], knots, opened)


def _scale(event: EventTrace, found: Sequence[Block], view: View) -> Scale:
    start_ns, duration_ns = event.summary.start_ns, event.summary.duration_ns
    waited = [max(wait.start_ns, start_ns - int(duration_ns * _BEFORE)) for wait in event.waits]
    starts = [start_ns, *(block.start_ns for block in found), *waited]
    ends = [start_ns + duration_ns, *(block.end_ns or block.start_ns for block in found)]
    zoomed = next((block for block in found if block.id == view.zoom), None)
    if zoomed:
        ran = zoomed.batch or (zoomed.start_ns, zoomed.end_ns or max(ends))
        starts, ends = [min(ran[0], zoomed.start_ns)], [max(ran[1], zoomed.end_ns or ran[1])]
    if not view.short:
        return even(min(starts), max(ends))
    busy = [(block.start_ns, block.end_ns or block.start_ns) for block in found]
    return shortened(min(starts), max(ends), busy)


def _places(rows: Sequence[Row]) -> Mapping[str, int]:
    """The row of each block and span id that is in sight."""
    places = {row.select[2:]: place for place, row in enumerate(rows) if not row.phantom}
    for place, row in enumerate(rows):
        for span in row.block.all_spans if row.block else ():
            places.setdefault(span.span_id, place)
    return places


def _on_path(rows: Sequence[Row], event: EventTrace) -> list[Row]:
    """Blocks that the critical path passes, and their spans on it."""
    ids = {segment.span_id for segment in event.critical_path if segment.span_id}
    waited = {(each.start_ns, each.end_ns) for each in event.critical_path if each.kind in WAITS}

    def passed(row: Row) -> bool:
        if row.block is None:
            return row.span is not None and row.span.span_id in ids
        return any(span.span_id in ids for span in row.block.all_spans) or any(
            (wait.start_ns, wait.end_ns) in waited for wait in row.block.waits
        )

    return [row for row in rows if passed(row)]


def minimap(timeline: Timeline, height: int = 40) -> list[tuple[str, str]]:
    """All rows in ``height`` lines: (class, SVG path) for each colour, failures on top.

    Classes are ``fn-0`` to ``fn-11``, ``wait`` and ``bad``.
    """
    strokes: dict[str, set[tuple[int, int, int]]] = defaultdict(set)
    rows = timeline.rows
    for place, row in enumerate(rows):
        line = 2 + place * (height - 2) // max(len(rows), height // 3)
        for bar in row.bars:
            if bar.kind in ("dead", "ghost"):
                continue
            tone = f"fn-{formats.tone(row.function)}"
            kind = "bad" if row.failed and bar.kind in ("work", "open") else tone
            kind = "wait" if bar.kind in (*WAITS.values(), "phantom") else kind
            strokes[kind].add((line, round(bar.x * 10), max(3, round(bar.width * 10))))
    order = sorted(strokes, key=lambda kind: (kind == "bad", kind != "wait", kind))
    return [(k, "".join(f"M{x} {y}h{w}" for y, x, w in sorted(strokes[k]))) for k in order]
