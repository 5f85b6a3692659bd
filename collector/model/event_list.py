"""What lists of event traces are made of: a page, a point of a chart, a count, a shape."""

from dataclasses import dataclass

from collector.model.event_trace import EventTraceSummary


@dataclass(frozen=True, slots=True)
class EventPage:
    """One page of a list; ``next_cursor`` None: the last."""

    event_traces: tuple[EventTraceSummary, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class EventPoint:
    """One event trace as a point of a chart."""

    event_trace_id: str
    start_ns: int
    duration_ns: int
    status: str
    root_function: str | None


@dataclass(frozen=True, slots=True)
class StatusCount:
    """How many event traces of one outcome began in the step of time that starts at ``step_ns``."""

    step_ns: int
    status: str
    count: int


@dataclass(frozen=True, slots=True)
class Shape:
    """The event traces that took one path, beside those of the period before of equal length.

    Durations are of end-to-end times in ns, None where there is no event trace. ``*_before`` None:
    nothing is stored of the period before, or not all of it.
    """

    shape_id: str
    path: tuple[str, ...]
    root_function: str | None
    event_count: int
    error_count: int
    dead_lettered_count: int
    open_count: int
    share: float
    p50_ns: float | None
    p99_ns: float | None
    wait_p50_ns: float | None
    last_ns: int
    event_count_before: int | None
    failed_count_before: int | None
    p50_before_ns: float | None
    p99_before_ns: float | None

    @property
    def failed_count(self) -> int:
        return self.error_count + self.dead_lettered_count

    @property
    def count_change(self) -> float | None:
        """+0.5: half as many again as before; None: unknown, or there were none."""
        return _change(self.event_count, self.event_count_before)

    @property
    def p99_change(self) -> float | None:
        """+0.5: half as long again as before; None: unknown."""
        return _change(self.p99_ns, self.p99_before_ns)


def _change(now: float | None, before: float | None) -> float | None:
    return None if now is None or not before else now / before - 1
