"""What the JSON API answers in about event traces; what rows of them become there."""

from typing_extensions import TypedDict

from collector.model.event_trace import (
    Delivery,
    EventJoint,
    EventSpan,
    EventTrace,
    EventTraceSummary,
    IgnoredKey,
    Phantom,
    Segment,
    Wait,
)
from collector.model.window import format_time
from web.api.cost_shapes import CostJson, CostPartJson, cost_json, cost_part_json
from web.api.parameters import ms
from web.api.shapes import LogJson, SpanJson, log_json, span_json


class EventTraceSummaryJson(TypedDict):
    """One event trace of a list. cost_usd and queue_wait_ms are null when unknown.

    path: functions and [queues] in the order they were reached. confidence: that of its weakest
    joint.
    """

    event_trace_id: str
    started_at: str
    duration_ms: float
    status: str
    root_function: str | None
    functions: list[str]
    path: list[str]
    shape_id: str
    trace_ids: list[str]
    correlation_ids: list[str]
    invocation_count: int
    hop_count: int
    retry_count: int
    duplicate_count: int
    cold_start_count: int
    queue_wait_ms: float | None
    phantom_count: int
    span_count: int
    error_count: int
    cost_usd: float | None
    confidence: float


class EventSpanJson(SpanJson):
    """A span of an event trace. shared: it served several messages of a batch, not this alone.

    delivery_id is null where it is shared or below no delivery. clock_shift_ms: by how much its
    times are later than those that were sent, because its host's clock was set right.
    """

    fragment_id: str | None
    shared: bool
    delivery_id: str | None
    clock_shift_ms: float


class DeliveryJson(TypedDict):
    """One message handled by one invocation, or one invocation that no message started.

    outcome: ok, error, unknown. ended_in: null, retried, dead_lettered, duplicate or redriven.
    span_id is null when it has no span of its own; ended_at and duration_ms when no end arrived.
    """

    delivery_id: str
    fragment_id: str
    function: str | None
    queue: str | None
    message_id: str | None
    invocation_id: str | None
    trace_id: str | None
    span_id: str | None
    started_at: str
    ended_at: str | None
    duration_ms: float | None
    attempt: int
    attempts: int
    batch_size: int | None
    outcome: str
    ended_in: str | None
    cold_start: bool | None
    init_ms: float | None
    dead_letter: bool


# "from" is a keyword of Python, so this one is written as a call.
JointJson = TypedDict(
    "JointJson",
    {
        "from": str,
        "to": str,
        "evidence": str,
        "key": str,
        "confidence": float,
        "exact": bool,
        "from_span_id": str | None,
        "to_span_id": str | None,
    },
)


class WaitJson(TypedDict):
    """Time nobody worked on the event. kind: queue_wait, retry_backoff or cold_start.

    clock_skew_ms: by how much clocks were set against each other so that it is not negative.
    """

    kind: str
    label: str
    started_at: str
    ended_at: str
    duration_ms: float
    delivery_id: str
    from_span_id: str | None
    clock_skew_ms: float


SegmentJson = TypedDict(
    "SegmentJson",
    {
        "class": str,
        "started_at": str,
        "duration_ms": float,
        "label": str,
        "span_id": str | None,
    },
)


class PhantomJson(TypedDict):
    """Something telemetry refers to that never arrived; the times are where it must have been."""

    kind: str
    label: str
    reason: str
    fragment_id: str
    span_id: str | None
    started_at: str | None
    ended_at: str | None


class IgnoredKeyJson(TypedDict):
    """A key found on this event that joined nothing, and why."""

    evidence: str
    key: str
    reason: str
    count: int


class EventTraceJson(EventTraceSummaryJson):
    """One event trace whole. redirected_from: the older id that was asked for, else null.

    truncated: it has more spans than given.
    """

    redirected_from: str | None
    sentence: str
    spans: list[EventSpanJson]
    deliveries: list[DeliveryJson]
    joints: list[JointJson]
    waits: list[WaitJson]
    critical_path: list[SegmentJson]
    phantoms: list[PhantomJson]
    logs: list[LogJson]
    ignored_keys: list[IgnoredKeyJson]
    clock_notes: list[str]
    truncated: bool
    cost: CostJson | None
    cost_parts: list[CostPartJson]


def summary_json(row: EventTraceSummary) -> EventTraceSummaryJson:
    return {
        "event_trace_id": row.event_trace_id,
        "started_at": format_time(row.start_ns),
        "duration_ms": row.duration_ns / 1e6,
        "status": row.status,
        "root_function": row.root_function,
        "functions": list(row.functions),
        "path": list(row.path),
        "shape_id": row.shape_id,
        "trace_ids": list(row.trace_ids),
        "correlation_ids": list(row.correlation_ids),
        "invocation_count": row.invocation_count,
        "hop_count": row.hop_count,
        "retry_count": row.retry_count,
        "duplicate_count": row.duplicate_count,
        "cold_start_count": row.cold_start_count,
        "queue_wait_ms": ms(row.queue_wait_ns),
        "phantom_count": row.phantom_count,
        "span_count": row.span_count,
        "error_count": row.error_count,
        "cost_usd": row.cost_usd,
        "confidence": row.confidence,
    }


def event_trace_json(event: EventTrace, asked_id: str) -> EventTraceJson:
    """The whole event; ``asked_id`` is the id in the question, which may be an older one."""
    own_id = event.summary.event_trace_id
    return {
        **summary_json(event.summary),
        "redirected_from": None if asked_id == own_id else asked_id,
        "sentence": event.sentence,
        "spans": [event_span_json(each) for each in event.spans],
        "deliveries": [delivery_json(each) for each in event.deliveries],
        "joints": [joint_json(each) for each in event.joints],
        "waits": [wait_json(each) for each in event.waits],
        "critical_path": [segment_json(each) for each in event.critical_path],
        "phantoms": [phantom_json(each) for each in event.phantoms],
        "logs": [log_json(each) for each in event.logs],
        "ignored_keys": [ignored_key_json(each) for each in event.ignored_keys],
        "clock_notes": list(event.clock_notes),
        "truncated": event.truncated,
        "cost": cost_json(event.cost.cost) if event.cost else None,
        "cost_parts": [cost_part_json(each) for each in event.cost.parts] if event.cost else [],
    }


def event_span_json(row: EventSpan) -> EventSpanJson:
    return {
        **span_json(row.span),
        "fragment_id": row.fragment_id,
        "shared": row.shared,
        "delivery_id": row.delivery_id,
        "clock_shift_ms": row.clock_shift_ns / 1e6,
    }


def delivery_json(row: Delivery) -> DeliveryJson:
    return {
        "delivery_id": row.delivery_id,
        "fragment_id": row.fragment_id,
        "function": row.function,
        "queue": row.queue,
        "message_id": row.message_id,
        "invocation_id": row.invocation_id,
        "trace_id": row.trace_id,
        "span_id": row.span_id,
        "started_at": format_time(row.start_ns),
        "ended_at": _time(row.end_ns),
        "duration_ms": None if row.end_ns is None else ms(row.end_ns - row.start_ns),
        "attempt": row.attempt,
        "attempts": row.attempts,
        "batch_size": row.batch_size,
        "outcome": row.outcome,
        "ended_in": row.ended_in,
        "cold_start": row.cold_start,
        "init_ms": ms(row.init_ns),
        "dead_letter": row.dead_letter,
    }


def joint_json(row: EventJoint) -> JointJson:
    return {
        "from": row.source,
        "to": row.target,
        "evidence": row.evidence,
        "key": row.key,
        "confidence": row.confidence,
        "exact": row.exact,
        "from_span_id": row.source_span_id,
        "to_span_id": row.target_span_id,
    }


def wait_json(row: Wait) -> WaitJson:
    return {
        "kind": row.kind,
        "label": row.label,
        "started_at": format_time(row.start_ns),
        "ended_at": format_time(row.end_ns),
        "duration_ms": (row.end_ns - row.start_ns) / 1e6,
        "delivery_id": row.delivery_id,
        "from_span_id": row.source_span_id,
        "clock_skew_ms": row.skew_ns / 1e6,
    }


def segment_json(row: Segment) -> SegmentJson:
    return {
        "class": row.kind,
        "started_at": format_time(row.start_ns),
        "duration_ms": (row.end_ns - row.start_ns) / 1e6,
        "label": row.label,
        "span_id": row.span_id,
    }


def phantom_json(row: Phantom) -> PhantomJson:
    return {
        "kind": row.kind,
        "label": row.label,
        "reason": row.reason,
        "fragment_id": row.fragment_id,
        "span_id": row.span_id,
        "started_at": _time(row.start_ns),
        "ended_at": _time(row.end_ns),
    }


def ignored_key_json(row: IgnoredKey) -> IgnoredKeyJson:
    return {
        "evidence": row.evidence,
        "key": row.key,
        "reason": row.reason,
        "count": row.count,
    }


def _time(time_ns: int | None) -> str | None:
    return None if time_ns is None else format_time(time_ns)
