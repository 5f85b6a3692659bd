"""Where the time of an event went: the critical path by class and by what it was spent on."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Final

from collector.model.event_trace import CLASSES, EventTrace
from collector.model.record import record
from web.timescale import Scale

MOST: Final = 12
NAMES: Final = {
    "queue_wait": "queue wait",
    "retry_backoff": "retry back-off",
    "cold_start": "cold start",
    "compute": "compute",
    "downstream": "downstream",
    "unknown": "unknown",
}


@dataclass(frozen=True, slots=True)
class Share:
    """Time on the critical path. ``share``: of the whole event, 0 to 1; ``select``: its longest."""

    kind: str
    label: str
    duration_ns: int
    share: float
    times: int
    select: str | None = None


@record(frozen=True, slots=True)
class Stretch:
    """A piece of the band above the timeline, in per cent of the axis."""

    kind: str
    x: float
    width: float
    title: str
    duration_ns: int


def by_class(event: EventTrace) -> list[Share]:
    """One for each class of time that occurs, in the fixed order of the classes."""
    sums: dict[str, list[int]] = defaultdict(list)
    for segment in event.critical_path:
        sums[segment.kind].append(segment.end_ns - segment.start_ns)
    whole = max(1, event.summary.duration_ns)
    return [
        Share(kind, NAMES[kind], sum(sums[kind]), sum(sums[kind]) / whole, len(sums[kind]))
        for kind in CLASSES
        if sums.get(kind)
    ]


def by_place(event: EventTrace) -> list[Share]:
    """One for each class and label, the longest first."""
    sums: dict[tuple[str, str], list[tuple[int, str | None]]] = defaultdict(list)
    for segment in event.critical_path:
        length = segment.end_ns - segment.start_ns
        sums[segment.kind, segment.label].append((length, segment.span_id))
    whole = max(1, event.summary.duration_ns)
    found = []
    for (kind, label), each in sums.items():
        total = sum(length for length, _ in each)
        span_id = max(each, key=lambda item: item[0])[1]
        select = f"s.{span_id}" if span_id and kind in CLASSES[3:] else None
        found.append(Share(kind, label, total, total / whole, len(each), select))
    return sorted(found, key=lambda share: -share.duration_ns)


def band(event: EventTrace, scale: Scale) -> list[Stretch]:
    """The critical path as one band over the axis of the timeline."""
    stretches = []
    ended_ns, until = -1, 0.0
    for segment in event.critical_path:
        x = until if segment.start_ns == ended_ns else scale.at(segment.start_ns)
        ended_ns, until = segment.end_ns, scale.at(segment.end_ns)
        width = round(until - x, 3)
        if width > 0:
            length = segment.end_ns - segment.start_ns
            title = f"{NAMES.get(segment.kind, segment.kind)}: {segment.label}"
            stretches.append(Stretch(segment.kind, x, width, title, length))
    return stretches
