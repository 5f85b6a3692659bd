"""An event trace as read back: one business event, from what started it to its last effect."""

from dataclasses import dataclass
from typing import Final

from collector.model.cost import EventCost
from collector.model.log import LogRecord
from collector.model.record import record
from collector.model.span import Span

STATUSES: Final = ("ok", "error", "dead_lettered", "open")
CLASSES: Final = ("queue_wait", "retry_backoff", "cold_start", "compute", "downstream", "unknown")


@dataclass(frozen=True, slots=True)
class EventTraceSummary:
    """One line of the list. ``event_trace_id``: 16 hex digits. None is unknown, 0 is zero.

    ``path``: functions and queues in the order they were reached, e.g. ("orders-api", "[orders]",
    "orders-worker"); queues are in square brackets. ``shape_id`` is equal for equal paths.
    """

    event_trace_id: str
    start_ns: int
    duration_ns: int
    status: str
    root_function: str | None
    functions: tuple[str, ...]
    path: tuple[str, ...]
    shape_id: str
    trace_ids: tuple[str, ...]
    correlation_ids: tuple[str, ...]
    invocation_count: int
    hop_count: int
    retry_count: int
    duplicate_count: int
    cold_start_count: int
    queue_wait_ns: int | None
    phantom_count: int
    span_count: int
    error_count: int
    confidence: float
    cost_usd: float | None = None


@record(frozen=True, slots=True)
class EventSpan:
    """A span of the event trace. ``shared``: it served several messages of a batch.

    ``fragment_id`` is then that of the shared part, which belongs to no event trace alone.
    ``delivery_id`` is the delivery it worked for; None where it is shared, or below none.
    ``clock_shift_ns``: by how much its times are later than those that were sent.
    """

    span: Span
    fragment_id: str | None
    shared: bool = False
    delivery_id: str | None = None
    clock_shift_ns: int = 0


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message handled by one invocation, or one invocation that no message started.

    ``attempt`` counts from 1 among those of the same message or the same asynchronous request;
    ``batch_size`` None: not a batch. ``outcome``: ok, error, unknown. ``ended_in``: None,
    "retried", "dead_lettered", "duplicate" (an earlier attempt had succeeded), "redriven".
    ``span_id`` is its own span (None: shared with its batch, or none arrived: a phantom).
    """

    delivery_id: str
    fragment_id: str
    function: str | None
    queue: str | None
    message_id: str | None
    invocation_id: str | None
    trace_id: str | None
    span_id: str | None
    start_ns: int
    end_ns: int | None
    attempt: int
    attempts: int
    batch_size: int | None
    outcome: str
    ended_in: str | None
    cold_start: bool | None
    dead_letter: bool = False  # taken from a dead-letter queue
    init_ns: int | None = None  # length of the initialisation, where it was told


@dataclass(frozen=True, slots=True)
class EventJoint:
    """Why two parts are one event; ``source`` and ``target`` are fragment ids.

    ``key`` is the value as a person knows it. ``source_span_id`` and ``target_span_id`` are the
    spans the evidence was found on, where it was on a span.
    """

    source: str
    target: str
    evidence: str
    key: str
    confidence: float
    exact: bool
    source_span_id: str | None = None
    target_span_id: str | None = None


@dataclass(frozen=True, slots=True)
class Wait:
    """Time nobody worked on the event: ``kind`` is queue_wait, retry_backoff or cold_start.

    From the sender's end (or the failed attempt's) to the start of ``delivery_id``. ``skew_ns``: by
    how much the clocks were set against each other so that it is not negative.
    """

    kind: str
    label: str
    start_ns: int
    end_ns: int
    delivery_id: str
    source_span_id: str | None = None
    skew_ns: int = 0


@record(frozen=True, slots=True)
class Segment:
    """A stretch of the critical path; ``kind`` is one of CLASSES."""

    kind: str
    label: str
    start_ns: int
    end_ns: int
    span_id: str | None = None


@dataclass(frozen=True, slots=True)
class Phantom:
    """Something telemetry refers to that never arrived.

    ``kind``: parent, linked span, invocation, span (its end never came). ``reason`` is a sentence
    for the page. Times are where it must have been, None when unknown.
    """

    kind: str
    label: str
    reason: str
    fragment_id: str
    span_id: str | None
    start_ns: int | None
    end_ns: int | None


@dataclass(frozen=True, slots=True)
class IgnoredKey:
    """A key found on this event that joined nothing, with the reason as a sentence."""

    evidence: str
    key: str
    reason: str
    count: int


@dataclass(frozen=True, slots=True)
class EventTrace:
    """Everything of one event. ``truncated``: it has more spans than these.

    ``cost`` None: it was not asked for.
    """

    summary: EventTraceSummary
    spans: tuple[EventSpan, ...]
    deliveries: tuple[Delivery, ...]
    joints: tuple[EventJoint, ...]
    waits: tuple[Wait, ...]
    critical_path: tuple[Segment, ...]
    phantoms: tuple[Phantom, ...]
    logs: tuple[LogRecord, ...]
    ignored_keys: tuple[IgnoredKey, ...]
    sentence: str  # "41.2 s end to end, of which 36.0 s waiting in orders-q; 2 retries"
    clock_notes: tuple[str, ...] = ()  # one sentence for each host whose clock was set right
    truncated: bool = False
    cost: EventCost | None = None
