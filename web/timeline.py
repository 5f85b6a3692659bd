"""Lays an event trace out as a timeline: lanes of functions, blocks of work, and waits between.

Rows stand one below the other, the lanes in the order in which their functions first appear, the
attempts at one message together. A block's row also holds the waits before it, so that each wait
ends where its work begins; unfolded, the spans of the block follow as rows of their own. Positions
are per cent of the time axis across and pixels down, as SVG attributes take them.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from collector.model.event_trace import EventTrace, Phantom, Wait
from collector.model.span import Span
from web import formats
from web.blocks import Block, Tie, attempted, blocks, reached, ties
from web.threads import Knot, Line, connectors, critical, paths
from web.timescale import Scale, even, shortened

ROW_PX: Final = 30
CHUNK: Final = 60
"""Rows sent at once: about 50 kB of HTML."""

FEW_ROWS: Final = 18
"""An event of so few blocks and spans is shown with all of them unfolded."""

ALL: Final = "all"
"""In place of the ids of blocks: every one is unfolded."""

MAX_DEPTH: Final = 12
_NARROWEST: Final = 0.3  # per cent: two pixels on a wide screen
_MOST_MARKS: Final = 8
_WAITS: Final = {"queue_wait": "queue", "retry_backoff": "retry", "cold_start": "cold"}


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar in a row. ``kind``: work, open, batch, queue, retry, cold, phantom.

    ``label`` is written in it ("": there is no room), ``title`` where the pointer rests; ``select``
    opens it in the details, None where its row does.
    """

    kind: str
    x: float
    width: float
    title: str = ""
    label: str = ""
    select: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One row: a block, a span inside one, or a phantom, whichever is not None.

    ``first``: it begins the lane of its function. ``folded`` None: nothing lies below.
    """

    select: str
    function: str | None
    first: bool
    bars: tuple[Bar, ...]
    block: Block | None = None
    span: Span | None = None
    phantom: Phantom | None = None
    depth: int = 0
    below: int = 0
    folded: bool | None = None
    shared: bool = False
    dim: bool = False
    marks: tuple[float, ...] = ()

    @property
    def indent(self) -> int:
        return min(self.depth, MAX_DEPTH)

    @property
    def failed(self) -> bool:
        if self.span:
            return self.span.status == "error"
        return self.block is not None and self.block.failed

    @property
    def duration_ns(self) -> int | None:
        if self.span:
            return self.span.duration_ns
        ended = self.block.end_ns if self.block else None
        return None if ended is None or self.block is None else ended - self.block.start_ns


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
    rows = list(_rows(event, found, scale, opened, kept))
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
    starts = [start_ns, *(block.start_ns for block in found), *(w.start_ns for w in event.waits)]
    ends = [start_ns + duration_ns, *(block.end_ns or block.start_ns for block in found)]
    zoomed = next((block for block in found if block.id == view.zoom), None)
    if zoomed:
        starts = [zoomed.start_ns, *(wait.start_ns for wait in zoomed.waits)]
        ends = [zoomed.end_ns or max(ends)]
    if not view.short:
        return even(min(starts), max(ends))
    busy = [(block.start_ns, block.end_ns or block.start_ns) for block in found]
    return shortened(min(starts), max(ends), busy)


def _rows(
    event: EventTrace,
    found: Sequence[Block],
    scale: Scale,
    opened: Collection[str],
    kept: Collection[str],
) -> Iterator[Row]:
    missing = _missing(event, found)
    for lane in _lanes(found):
        for place, block in enumerate(lane):
            dim = bool(kept) and block.fragment_id not in kept
            yield _block_row(block, scale, opened, place == 0, dim)
            if block.id in opened:
                yield from _span_rows(block, scale, dim)
            for phantom in missing.pop(block.fragment_id, ()):
                yield _phantom_row(phantom, block.function, scale)
    for phantoms in missing.values():
        for phantom in phantoms:
            yield _phantom_row(phantom, None, scale, first=True)


def _missing(event: EventTrace, found: Sequence[Block]) -> dict[str, list[Phantom]]:
    """Phantoms with a row of their own, by part: not those that a block or a span shows already."""
    shown = {block.phantom for block in found if block.phantom}
    arrived = {each.span.span_id for each in event.spans}
    missing: dict[str, list[Phantom]] = defaultdict(list)
    for phantom in event.phantoms:
        if phantom not in shown and phantom.span_id not in arrived:
            missing[phantom.fragment_id].append(phantom)
    return missing


def _lanes(found: Sequence[Block]) -> list[list[Block]]:
    """By function in order of first appearance; attempts at one message stand together."""
    begun: dict[tuple[str | None, str], int] = {}
    lanes: dict[str | None, list[Block]] = defaultdict(list)
    for block in found:
        lanes[block.function].append(block)
        begun.setdefault((block.function, _group(block)), block.start_ns)
    return [
        sorted(lane, key=lambda b: (begun[b.function, _group(b)], _group(b), b.start_ns))
        for lane in lanes.values()
    ]


def _group(block: Block) -> str:
    return (attempted(block.delivery) if block.delivery else None) or block.id


def _block_row(block: Block, scale: Scale, opened: Collection[str], first: bool, dim: bool) -> Row:
    below = len(block.all_spans)
    end_ns = scale.end_ns if block.end_ns is None else block.end_ns
    arrived = block.spans or block.batch
    kind = "phantom" if not arrived else "open" if block.end_ns is None else "work"
    bars = [_wait_bar(wait, scale) for wait in block.waits]
    if block.batch:
        bars.append(_bar("batch", *block.batch, scale))
    if block.spans or not block.batch:
        bars.append(_bar(kind, block.start_ns, end_ns, scale))
    return Row(
        select=f"d.{block.id}",
        function=block.function,
        first=first,
        bars=tuple(bars),
        block=block,
        below=below,
        folded=None if below == 0 else block.id not in opened,
        dim=dim,
    )


def _wait_bar(wait: Wait, scale: Scale) -> Bar:
    length = formats.duration(wait.end_ns - wait.start_ns)
    bar = _bar(_WAITS.get(wait.kind, "queue"), wait.start_ns, wait.end_ns, scale)
    texts = (f"{length} {wait.label}", length)
    # One character is about one per cent of the axis on a laptop; narrower screens cut it off.
    label = next((text for text in texts if len(text) + 2 <= bar.width), "")
    return Bar(bar.kind, bar.x, bar.width, texts[0], label, f"w.{wait.delivery_id}.{wait.kind}")


def _bar(kind: str, start_ns: int, end_ns: int, scale: Scale) -> Bar:
    x = scale.at(start_ns)
    width = max(_NARROWEST, round(scale.at(end_ns) - x, 3))
    return Bar(kind, round(min(x, 100 - width), 3), width)


def _span_rows(block: Block, scale: Scale, dim: bool) -> Iterator[Row]:
    shared = {span.span_id for span in block.shared}
    for span, depth in _tree(block.all_spans):
        end_ns = scale.end_ns if span.duration_ns is None else span.end_ns
        kind = "open" if span.duration_ns is None else "work"
        yield Row(
            select=f"s.{span.span_id}",
            function=span.function,
            first=False,
            bars=(_bar(kind, span.start_ns, end_ns, scale),),
            span=span,
            depth=depth,
            shared=span.span_id in shared,
            dim=dim,
            marks=tuple(scale.at(event.time_ns) for event in span.events[:_MOST_MARKS]),
        )


def _tree(spans: Sequence[Span]) -> Iterator[tuple[Span, int]]:
    """Spans of one block with their depth, parents first, by time; rings are cut."""
    by_id = {span.span_id: span for span in spans}
    children: dict[str | None, list[Span]] = defaultdict(list)
    for span in sorted(by_id.values(), key=lambda each: each.start_ns):
        inside = span.parent_span_id in by_id and span.parent_span_id != span.span_id
        children[span.parent_span_id if inside else None].append(span)
    seen: set[str] = set()
    roots = [*children[None], *sorted(by_id.values(), key=lambda each: each.start_ns)]
    for root in roots:  # those of a ring have no root: the earliest left over is one
        stack = [(root, 0)]
        while stack:
            span, depth = stack.pop()
            if span.span_id in seen:
                continue
            seen.add(span.span_id)
            yield span, depth
            stack.extend((child, depth + 1) for child in reversed(children[span.span_id]))


def _phantom_row(
    phantom: Phantom, function: str | None, scale: Scale, *, first: bool = False
) -> Row:
    bars: tuple[Bar, ...] = ()
    if phantom.start_ns is not None:
        end_ns = phantom.start_ns if phantom.end_ns is None else phantom.end_ns
        bars = (_bar("phantom", phantom.start_ns, end_ns, scale),)
    return Row(phantom_id(phantom), function, first, bars, phantom=phantom, depth=1)


def phantom_id(phantom: Phantom) -> str:
    """How a phantom is named in a selection."""
    return f"p.{phantom.fragment_id}.{phantom.span_id or formats.anchor(phantom.label)}"


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
    waited = {(each.start_ns, each.end_ns) for each in event.critical_path if each.kind in _WAITS}

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
            tone = f"fn-{formats.tone(row.function)}"
            kind = "bad" if row.failed and bar.kind in ("work", "open") else tone
            kind = "wait" if bar.kind in (*_WAITS.values(), "phantom") else kind
            strokes[kind].add((line, round(bar.x * 10), max(3, round(bar.width * 10))))
    order = sorted(strokes, key=lambda kind: (kind == "bad", kind != "wait", kind))
    return [(k, "".join(f"M{x} {y}h{w}" for y, x, w in sorted(strokes[k]))) for k in order]
