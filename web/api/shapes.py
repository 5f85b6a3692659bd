"""What the JSON API answers in: one typed dictionary per object, and how rows become it."""

from typing import Any

from typing_extensions import TypedDict

from collector.model.log import LogRecord
from collector.model.span import Event, Link, Span, Trace, TraceSummary
from collector.model.window import format_time


class TraceListItem(TypedDict):
    """One trace of a list. status: ok (no span failed) or error."""

    trace_id: str
    started_at: str
    duration_ms: float
    root_name: str
    root_function: str | None
    functions: list[str]
    services: list[str]
    span_count: int
    error_count: int
    status: str


class TraceList(TypedDict):
    """Traces, newest first; next_cursor is null on the last page."""

    traces: list[TraceListItem]
    next_cursor: str | None


class EventJson(TypedDict):
    """Something that happened at one moment inside a span."""

    time: str
    name: str
    attributes: dict[str, Any]


class LinkJson(TypedDict):
    """A tie to another span; direction: outgoing (this span names it) or incoming."""

    trace_id: str
    span_id: str
    attributes: dict[str, Any]
    direction: str


class SpanJson(TypedDict):
    """One span. duration_ms is null when its end never arrived."""

    trace_id: str
    span_id: str
    parent_span_id: str | None
    name: str
    kind: str
    started_at: str
    duration_ms: float | None
    status: str
    status_message: str | None
    function: str | None
    service: str | None
    invocation_id: str | None
    cold_start: bool | None
    trace_state: str | None
    attributes: dict[str, Any]
    resource: dict[str, Any]
    scope: dict[str, Any]
    events: list[EventJson]
    links: list[LinkJson]
    dropped_attributes_count: int
    dropped_events_count: int
    dropped_links_count: int


class LogJson(TypedDict):
    """One log record; severity is a name (trace … fatal, unspecified), body as it was sent."""

    time: str
    severity: str
    severity_number: int
    severity_text: str | None
    body: Any
    event_name: str | None
    attributes: dict[str, Any]
    resource: dict[str, Any]
    trace_id: str | None
    span_id: str | None
    function: str | None
    service: str | None


class LogList(TypedDict):
    """Log records, newest first; next_cursor is null on the last page."""

    logs: list[LogJson]
    next_cursor: str | None


class TraceJson(TypedDict):
    """One trace, spans and logs in order of time. truncated: there are more spans than given."""

    trace_id: str
    started_at: str
    duration_ms: float
    spans: list[SpanJson]
    logs: list[LogJson]
    truncated: bool


def trace_list_item(row: TraceSummary) -> TraceListItem:
    return {
        "trace_id": row.trace_id,
        "started_at": format_time(row.start_ns),
        "duration_ms": row.duration_ns / 1e6,
        "root_name": row.root_name,
        "root_function": row.root_function,
        "functions": list(row.functions),
        "services": list(row.services),
        "span_count": row.span_count,
        "error_count": row.error_count,
        "status": row.status,
    }


def trace_json(trace: Trace) -> TraceJson:
    return {
        "trace_id": trace.trace_id,
        "started_at": format_time(trace.start_ns),
        "duration_ms": trace.duration_ns / 1e6,
        "spans": [span_json(span) for span in trace.spans],
        "logs": [log_json(record) for record in trace.logs],
        "truncated": trace.truncated,
    }


def span_json(span: Span) -> SpanJson:
    return {
        "trace_id": span.trace_id,
        "span_id": span.span_id,
        "parent_span_id": span.parent_span_id,
        "name": span.name,
        "kind": span.kind,
        "started_at": format_time(span.start_ns),
        "duration_ms": None if span.duration_ns is None else span.duration_ns / 1e6,
        "status": span.status,
        "status_message": span.status_message,
        "function": span.function,
        "service": span.service,
        "invocation_id": span.invocation_id,
        "cold_start": span.cold_start,
        "trace_state": span.trace_state,
        "attributes": span.attributes,
        "resource": span.resource.attributes,
        "scope": {"name": span.scope.name, "version": span.scope.version},
        "events": [event_json(event) for event in span.events],
        "links": [link_json(link) for link in span.links],
        "dropped_attributes_count": span.dropped_attributes_count,
        "dropped_events_count": span.dropped_events_count,
        "dropped_links_count": span.dropped_links_count,
    }


def event_json(event: Event) -> EventJson:
    return {
        "time": format_time(event.time_ns),
        "name": event.name,
        "attributes": event.attributes,
    }


def link_json(link: Link) -> LinkJson:
    return {
        "trace_id": link.trace_id,
        "span_id": link.span_id,
        "attributes": link.attributes,
        "direction": link.direction,
    }


def log_json(record: LogRecord) -> LogJson:
    return {
        "time": format_time(record.time_ns),
        "severity": record.severity,
        "severity_number": record.severity_number,
        "severity_text": record.severity_text,
        "body": record.body,
        "event_name": record.event_name,
        "attributes": record.attributes,
        "resource": record.resource_attributes,
        "trace_id": record.trace_id,
        "span_id": record.span_id,
        "function": record.function,
        "service": record.service,
    }
