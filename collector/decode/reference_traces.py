"""Spans one by one: what ``collector.decode.traces`` must equal."""

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from collector.decode import meanings, semconv
from collector.decode.limits import Limits
from collector.decode.record_keys import settled
from collector.decode.reference_rows import (
    Around,
    Named,
    RejectedRecordError,
    Row,
    Rows,
    enumerated,
    in_range,
    number,
    time_or_none,
    usable_id,
)
from collector.decode.traces import BAD_LINK, ERROR, KINDS, STATUS_CODES


def read_traces(request: ExportTraceServiceRequest, rows: Rows, limits: Limits) -> None:
    for outer in request.resource_spans:
        for inner in outer.scope_spans:
            around = Around(outer, inner)
            for span in inner.spans:
                try:
                    _read_span(span, around, rows, limits)
                except RejectedRecordError as error:
                    rows.reject(error)


def _read_span(span: Span, around: Around, rows: Rows, limits: Limits) -> None:
    keys = _keys(span)
    named = Named(span.attributes, limits)
    events = [{**keys, **_event(event, limits)} for event in span.events]
    links = [{**keys, **_link(link, limits)} for link in span.links]
    usable = [
        link for link in links if None not in (link["linked_trace_id"], link["linked_span_id"])
    ]
    bad_links = len(links) - len(usable)
    row = {
        **keys,
        **_own_columns(span),
        **_promoted(named, around, limits, span.trace_id),
        "error_type": named.text(semconv.ERROR_TYPE) or _thrown(named, span, limits),
        **around.ids,
        **named.columns(span.dropped_attributes_count),
        "dropped_links_count": min(span.dropped_links_count + bad_links, 2**32 - 1),
    }
    rows.keep(around, keys["start_ns"], spans=[row], span_events=events, span_links=usable)
    rows.warn(BAD_LINK, bad_links)


def _keys(span: Span) -> Row:
    """Ids and start of a span that can be kept."""
    trace_id, span_id = usable_id(span.trace_id, 16), usable_id(span.span_id, 8)
    if trace_id is None:
        raise RejectedRecordError("invalid_trace_id")
    if span_id is None:
        raise RejectedRecordError("invalid_span_id")
    if len(span.parent_span_id) not in {0, 8}:
        raise RejectedRecordError("invalid_parent_span_id")
    end_ns = span.end_time_unix_nano
    if not in_range(span.start_time_unix_nano) or (end_ns and not in_range(end_ns)):
        raise RejectedRecordError("invalid_time")
    return {
        "start_ns": span.start_time_unix_nano,
        "trace_id": trace_id,
        "span_id": number(span_id),
    }


def _own_columns(span: Span) -> Row:
    end_ns = span.end_time_unix_nano
    return {
        "duration_ns": end_ns - span.start_time_unix_nano if end_ns else None,
        "parent_span_id": number(usable_id(span.parent_span_id, 8)),
        "name": span.name,
        "kind": enumerated(span.kind, KINDS),
        "status_code": enumerated(span.status.code, STATUS_CODES),
        "status_message": span.status.message,
        "trace_state": span.trace_state,
        "flags": span.flags,
        "dropped_events_count": span.dropped_events_count,
    }


def _thrown(named: Named, span: Span, limits: Limits) -> str | None:
    """Of a span that failed, the type of the exception it or its last event tells of."""
    if span.status.code != ERROR:
        return None
    told = [Named(event.attributes, limits).text(semconv.EXCEPTION_TYPE) for event in span.events]
    last = next((each for each in reversed(told) if each), None)
    return named.text(semconv.EXCEPTION_TYPE) or last


def _promoted(named: Named, around: Around, limits: Limits, trace_id: bytes) -> Row:
    trigger, destination = named.text(semconv.TRIGGER), named.text(semconv.DESTINATION)
    message_id = named.id(semconv.MESSAGE)
    correlation_id = named.correlation_id(semconv.CORRELATION, limits)
    return {
        "function": named.function(around.function),
        "invocation_id": named.id(semconv.INVOCATION),
        "cold_start": meanings.truth(named.text(semconv.COLD_START) or ""),
        "trigger": meanings.trigger(trigger) if trigger else None,
        "correlation_id": correlation_id,
        "destination": meanings.destination(destination) if destination else None,
        "message_id": message_id,
        "keys": settled(
            [*named.keys(), *around.keys],
            message_id=message_id,
            correlation_id=correlation_id,
            family=named.family(),
            trace_id=trace_id.hex(),
        ),
    }


def _event(event: Span.Event, limits: Limits) -> Row:
    named = Named(event.attributes, limits)
    return {
        "time_ns": time_or_none(event.time_unix_nano),
        "name": event.name,
        "keys": settled(named.keys()),
        **named.columns(event.dropped_attributes_count),
    }


def _link(link: Span.Link, limits: Limits) -> Row:
    named = Named(link.attributes, limits)
    message_id = named.id(semconv.MESSAGE)
    return {
        "linked_trace_id": usable_id(link.trace_id, 16),
        "linked_span_id": number(usable_id(link.span_id, 8)),
        "trace_state": link.trace_state,
        "flags": link.flags,
        "message_id": message_id,
        "keys": settled(named.keys(), message_id=message_id),
        **named.columns(link.dropped_attributes_count),
    }
