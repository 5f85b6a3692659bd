"""The lines over a timeline: what led to what, and the critical path as one thick thread.

Across in per cent of the time axis, down in pixels of the rows' fixed height. Drawn as one SVG path
for each kind, in a drawing 10,000 units wide: 2,000 lines of their own would be 120 kB.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Self

from collector.model.event_trace import CLASSES, EventTrace, Segment
from collector.model.record import record
from web.blocks import Block
from web.rows import ROW_PX
from web.ties import Tie
from web.timescale import Scale

_MIDDLE_PX: Final = 15
_BAR_END_PX: Final = 22
_PATH_PX: Final = 26
KINDS: Final = ("faint", "tie", "guess", "path")
_MANY: Final = 12  # ties from one block that would make a surface of their lines
_WAIT_CLASSES: Final = CLASSES[:3]


@record(frozen=True, slots=True)
class Line:
    """``kind``: tie, faint (one of many from its block), guess (dashed) or path (thick)."""

    kind: str
    x1: float
    y1: float
    x2: float
    y2: float

    def within(self, top: int, bottom: int) -> Self | None:
        """The part of it between two heights, counted from the upper one; None: there is none."""
        low, high = min(self.y1, self.y2), max(self.y1, self.y2)
        if high < top or low >= bottom:
            return None
        y1, y2 = (min(max(y, top), bottom) - top for y in (self.y1, self.y2))
        return type(self)(self.kind, self.x1, y1, self.x2, y2)


def paths(lines: Iterable[Line]) -> list[tuple[str, str]]:
    """(kind, SVG path) for each kind there is; the thick ones last, on top."""
    drawn: dict[str, list[str]] = defaultdict(list)
    for line in lines:
        x1, x2 = round(line.x1 * 100), round(line.x2 * 100)
        stroke = f"V{line.y2:g}" if x1 == x2 else f"H{x2}"
        drawn[line.kind].append(f"M{x1} {line.y1:g}{stroke}")
    return [(kind, "".join(drawn[kind])) for kind in KINDS if kind in drawn]


@dataclass(frozen=True, slots=True)
class Knot:
    """Where a tie meets its block; ``select`` opens the joint that is the evidence for it."""

    kind: str
    x: float
    y: float
    select: str
    title: str

    def below(self, top: int) -> Self:
        """Its height counted from ``top``."""
        return replace(self, y=self.y - top)


def connectors(
    ties: Iterable[Tie], found: Sequence[Block], place: Mapping[str, int], scale: Scale
) -> tuple[list[Line], list[Knot]]:
    """A line down (or up) from where the work left one row, then across to where it went on."""
    by_id = {block.id: block for block in found}
    lines: list[Line] = []
    knots: list[Knot] = []
    ties = list(ties)
    leaving = Counter(tie.source for tie in ties)
    for tie in ties:
        if tie.source not in place or tie.target not in place:
            continue
        source, target = by_id[tie.source], by_id[tie.target]
        if not scale.shows(tie.left_ns, target.start_ns):
            continue
        many = leaving[tie.source] > _MANY
        kind = "faint" if many else "tie" if tie.exact else "guess"
        left, begun = scale.at(min(tie.left_ns, target.start_ns)), scale.at(target.start_ns)
        from_px, to_px = place[tie.source] * ROW_PX, place[tie.target] * ROW_PX + _MIDDLE_PX
        from_px += _BAR_END_PX if to_px > from_px else ROW_PX - _BAR_END_PX
        ended = scale.at(source.end_ns if source.end_ns is not None else scale.end_ns)
        if ended < left:  # what the platform did after the span ended
            from_px = place[tie.source] * ROW_PX + _MIDDLE_PX
            lines.append(Line(kind, ended, from_px, left, from_px))
        lines.append(Line(kind, left, from_px, left, to_px))
        if begun > left and not target.waits:
            lines.append(Line(kind, left, to_px, begun, to_px))
        if tie.joint:
            knots.append(_knot(tie, left, to_px))
    return lines, knots


def _knot(tie: Tie, x: float, y: float) -> Knot:
    joint = tie.joint
    assert joint is not None
    how = "joined" if joint.exact else "guessed"
    title = f"{how} by {joint.evidence} {joint.key}, confidence {joint.confidence:g}"
    return Knot("tie" if joint.exact else "guess", x, y, f"j.{joint.source}.{joint.target}", title)


def critical(
    event: EventTrace, found: Sequence[Block], place: Mapping[str, int], scale: Scale
) -> list[Line]:
    """One stroke for each stretch in a row, and one down or up to the next row.

    What has no row of its own, such as what the platform did after a span, goes on in the row
    before it.
    """
    lines: list[Line] = []
    before: tuple[float, int] | None = None
    ended_ns, x2 = -1, 0.0
    for segment in event.critical_path:
        row = _row_of(segment, found, place)
        height = before[1] if before else None
        height = height if row is None else row * ROW_PX + _PATH_PX
        if height is None:
            continue
        if not scale.shows(segment.start_ns, segment.end_ns):
            before = None
            continue
        x1 = x2 if segment.start_ns == ended_ns else scale.at(segment.start_ns)
        ended_ns, x2 = segment.end_ns, scale.at(segment.end_ns)
        if before and before[1] != height:
            lines.append(Line("path", before[0], before[1], before[0], height))
        if before and before[0] < x1:
            lines.append(Line("path", before[0], height, x1, height))
        last = lines[-1] if lines else None
        if last and last.y1 == last.y2 == height and last.x2 == x1:
            lines[-1] = Line("path", last.x1, height, x2, height)
        else:
            lines.append(Line("path", x1, height, x2, height))
        before = (x2, height)
    return lines


def _row_of(segment: Segment, found: Sequence[Block], place: Mapping[str, int]) -> int | None:
    """A wait runs in the row of what it waits for, work in that of its span."""
    if segment.kind in _WAIT_CLASSES:
        waits = [
            (min(wait.end_ns, segment.end_ns) - max(wait.start_ns, segment.start_ns), block.id)
            for block in found
            for wait in block.waits
            if wait.kind == segment.kind and block.id in place
        ]
        overlap, block_id = max(waits, default=(0, ""))
        if overlap > 0:
            return place[block_id]
    if segment.span_id in place:
        return place[segment.span_id or ""]
    return _row_at(segment, found, place)


def _row_at(segment: Segment, found: Sequence[Block], place: Mapping[str, int]) -> int | None:
    """That of a block without spans which ran then."""
    ran = (
        place[block.id]
        for block in found
        if not block.all_spans
        and block.id in place
        and block.start_ns < segment.end_ns
        and (block.end_ns or segment.end_ns) > segment.start_ns
    )
    return next(ran, None)
