"""The rows of a timeline: blocks of work with the waits before them, spans inside, what is missing.

Lanes stand one below the other in the order in which their functions first appear, the attempts at
one message together.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from collector.model.event_trace import EventTrace, Phantom, Wait
from collector.model.span import Span
from web import formats
from web.blocks import GIVEN_UP, Block, attempted
from web.timescale import Scale

WAITS: Final = {"queue_wait": "queue", "retry_backoff": "retry", "cold_start": "cold"}
"""What the bars of the classes of waiting are called."""

ROW_PX: Final = 30
MAX_DEPTH: Final = 12
_NARROWEST: Final = 0.5  # per cent: three pixels on a wide screen
_MOST_MARKS: Final = 8
_GHOST: Final = 3.0  # per cent that the mark of something missing takes, left of its block


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar in a row. ``kind``: work, open, batch, queue, retry, cold, phantom, and two marks:
    dead (given up) and ghost (something before it never arrived).

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

    ``first``: it begins the lane of its function. ``folded`` None: nothing lies below. ``gone``:
    how many parents and linked spans of it never arrived; ``lost`` is the first of them.
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
    gone: int = 0
    lost: Phantom | None = None
    folded: bool | None = None
    shared: bool = False
    dim: bool = False
    marks: tuple[float, ...] = ()

    @property
    def indent(self) -> int:
        return min(self.depth, MAX_DEPTH)

    @property
    def lost_id(self) -> str | None:
        """Opens what it refers to and never arrived."""
        return phantom_id(self.lost) if self.lost else None

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


def rows_of(
    event: EventTrace,
    found: Sequence[Block],
    scale: Scale,
    opened: Collection[str],
    kept: Collection[str],
) -> Iterator[Row]:
    """Every row. ``opened``: ids of unfolded blocks; ``kept``: the parts that are not dimmed."""
    missing, ghosts = _missing(event, found)
    for lane in _lanes(found):
        for place, block in enumerate(lane):
            dim = bool(kept) and block.fragment_id not in kept
            gone = ghosts.pop(block.fragment_id, [])
            yield _block_row(block, scale, opened, place == 0, dim, gone)
            if block.id in opened:
                yield from _span_rows(block, scale, dim)
            for phantom in missing.pop(block.fragment_id, ()):
                yield _phantom_row(phantom, block.function, scale, dim=dim)
    for phantoms in (*missing.values(), *ghosts.values()):
        for phantom in phantoms:
            yield _phantom_row(phantom, None, scale, first=True)


def _missing(
    event: EventTrace, found: Sequence[Block]
) -> tuple[dict[str, list[Phantom]], dict[str, list[Phantom]]]:
    """By part: phantoms with a row of their own, and those that are a mark on a block's row.

    A parent or a linked span of which no time is known is such a mark; what a block or a span
    shows already is neither.
    """
    shown = {block.phantom for block in found if block.phantom}
    arrived = {each.span.span_id for each in event.spans}
    missing: dict[str, list[Phantom]] = defaultdict(list)
    ghosts: dict[str, list[Phantom]] = defaultdict(list)
    for phantom in event.phantoms:
        if phantom not in shown and phantom.span_id not in arrived:
            timeless = phantom.start_ns is None and phantom.kind != "invocation"
            (ghosts if timeless else missing)[phantom.fragment_id].append(phantom)
    return missing, ghosts


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


def _block_row(
    block: Block,
    scale: Scale,
    opened: Collection[str],
    first: bool,
    dim: bool,
    gone: Sequence[Phantom],
) -> Row:
    below = len(block.all_spans) - (block.stands_for is not None)
    end_ns = scale.end_ns if block.end_ns is None else block.end_ns
    arrived = block.spans or block.batch
    kind = "phantom" if not arrived else "open" if block.end_ns is None else "work"
    bars = [_wait_bar(wait, scale) for wait in block.waits]
    if block.batch:
        bars.append(_bar("batch", *block.batch, scale))
    if block.spans or not block.batch:
        bars.append(_bar(kind, block.start_ns, end_ns, scale))
    if block.delivery and block.delivery.ended_in in GIVEN_UP and scale.shows(end_ns, end_ns):
        bars.append(Bar("dead", scale.at(end_ns), 0, "given up: to the dead-letter queue"))
    x = scale.at(min([block.start_ns, *(wait.start_ns for wait in block.waits)]))
    if gone and x >= _GHOST and scale.shows(block.start_ns, end_ns):
        bars.append(Bar("ghost", x, 0, gone[0].reason, "", phantom_id(gone[0])))
    return Row(
        select=f"d.{block.id}",
        function=block.function,
        first=first,
        bars=tuple(bars),
        block=block,
        below=below,
        gone=len(gone),
        lost=gone[0] if gone else None,
        folded=None if below == 0 else block.id not in opened,
        dim=dim,
    )


def _wait_bar(wait: Wait, scale: Scale) -> Bar:
    length = formats.duration(wait.end_ns - wait.start_ns)
    bar = _bar(WAITS.get(wait.kind, "queue"), wait.start_ns, wait.end_ns, scale)
    texts = (f"{length} {wait.label}", length)
    # One character is about one per cent of the axis on a laptop; narrower screens cut it off.
    label = next((text for text in texts if len(text) + 2 <= bar.width), "")
    return Bar(bar.kind, bar.x, bar.width, texts[0], label, f"w.{wait.delivery_id}.{wait.kind}")


def _bar(kind: str, start_ns: int, end_ns: int, scale: Scale) -> Bar:
    x = scale.at(start_ns)
    if not scale.shows(start_ns, end_ns):
        return Bar(kind, x, 0)
    width = max(_NARROWEST, round(scale.at(end_ns) - x, 3))
    return Bar(kind, round(min(x, 100 - width), 3), width)


def _span_rows(block: Block, scale: Scale, dim: bool) -> Iterator[Row]:
    shared = {span.span_id for span in block.shared}
    whole = block.stands_for
    for span, depth in _tree(block.all_spans):
        if span is whole:
            continue
        end_ns = scale.end_ns if span.duration_ns is None else span.end_ns
        kind = "open" if span.duration_ns is None else "work"
        yield Row(
            select=f"s.{span.span_id}",
            function=span.function,
            first=False,
            bars=(_bar(kind, span.start_ns, end_ns, scale),),
            span=span,
            depth=depth - (whole is not None),
            shared=span.span_id in shared,
            dim=dim,
            marks=tuple(
                scale.at(event.time_ns)
                for event in span.events[:_MOST_MARKS]
                if scale.shows(event.time_ns, event.time_ns)
            ),
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
    phantom: Phantom,
    function: str | None,
    scale: Scale,
    *,
    first: bool = False,
    dim: bool = False,
) -> Row:
    bars: tuple[Bar, ...] = ()
    if phantom.start_ns is not None:
        end_ns = phantom.start_ns if phantom.end_ns is None else phantom.end_ns
        bars = (_bar("phantom", phantom.start_ns, end_ns, scale),)
    return Row(phantom_id(phantom), function, first, bars, phantom=phantom, dim=dim)


def phantom_id(phantom: Phantom) -> str:
    """How a phantom is named in a selection."""
    return f"p.{phantom.fragment_id}.{phantom.span_id or formats.anchor(phantom.label)}"
