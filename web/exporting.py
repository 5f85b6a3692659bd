"""An event trace as OTLP JSON: one export a line, importable again with ``lockstitch import``.

Spans and log records go out as they were sent: clocks are not set right, and what an event shares
with others of its batch is in it; but for links by which it would be taken for those others too.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import replace
from typing import Any, Final

import orjson

from collector.decode.semconv import MESSAGE
from collector.model.events.pieces import Material
from collector.model.log import LogRecord
from collector.model.span import KINDS, STATUSES, Event, Link, Resource, Scope, Span
from collector.model.stitching.keys import is_unique, span_key, value_key

_PER_LINE: Final = 500
"""Records in one export: a line stays below a megabyte."""


def otlp_lines(material: Material) -> Iterator[bytes]:
    """The lines of the file, spans first, each with its newline."""
    spans = sorted(_spans(material), key=lambda each: each.start_ns)
    for start in range(0, len(spans), _PER_LINE):
        yield _line({"resourceSpans": resource_spans(spans[start : start + _PER_LINE])})
    logs = [piece.record for piece in material.logs]
    for start in range(0, len(logs), _PER_LINE):
        yield _line({"resourceLogs": resource_logs(logs[start : start + _PER_LINE])})


def _spans(material: Material) -> Iterator[Span]:
    """The spans; shared ones without the links by which the event would own others' messages.

    What leads into a trace of this event, or comes from the trace its own message came from, is
    told apart by others' records in the store, which are not in the file.
    """
    traces = {piece.span.trace_id for piece in material.pieces}
    mine = {str(each.key) for each in material.occurrences}
    for piece in material.pieces:
        if not piece.shared or not piece.span.links:
            yield piece.span
            continue
        own = {link.trace_id for link in piece.span.links if _is_of(link, mine)}
        links = tuple(
            link
            for link in piece.span.links
            if link.trace_id not in traces | own or _is_of(link, mine)
        )
        yield replace(piece.span, links=links)


def _is_of(link: Link, mine: Set[str]) -> bool:
    """True when the event took the message of a link; ``mine`` are the keys it holds."""
    if span_key(link.trace_id, link.span_id) not in mine:
        return False
    message = next((link.attributes[name] for name in MESSAGE if name in link.attributes), None)
    return not isinstance(message, str) or not is_unique(message) or value_key(message) in mine


def resource_spans(spans: Iterable[Span]) -> list[dict[str, Any]]:
    """Spans under the resources and scopes that sent them."""
    groups: dict[str, tuple[Resource, dict[str, tuple[Scope, list[Span]]]]] = {}
    for span in spans:
        scope_id = _identity(span.scope.name, span.scope.version, span.scope.attributes)
        resource_id = _identity(span.resource.schema_url, span.resource.attributes)
        scopes = groups.setdefault(resource_id, (span.resource, {}))[1]
        scopes.setdefault(scope_id, (span.scope, []))[1].append(span)
    return [
        _known(
            resource={"attributes": key_values(resource.attributes)},
            schemaUrl=resource.schema_url,
            scopeSpans=[
                {"scope": _scope(scope), "spans": [span_json(each) for each in members]}
                for scope, members in scopes.values()
            ],
        )
        for resource, scopes in groups.values()
    ]


def resource_logs(records: Iterable[LogRecord]) -> list[dict[str, Any]]:
    """Log records under the resources that sent them."""
    groups: dict[str, tuple[Mapping[str, Any], list[LogRecord]]] = defaultdict(lambda: ({}, []))
    for record in records:
        resource_id = _identity(record.resource_attributes)
        if resource_id not in groups:
            groups[resource_id] = (record.resource_attributes, [])
        groups[resource_id][1].append(record)
    return [
        {
            "resource": {"attributes": key_values(attributes)},
            "scopeLogs": [{"logRecords": [log_json(each) for each in members]}],
        }
        for attributes, members in groups.values()
    ]


def span_json(span: Span) -> dict[str, Any]:
    """One span; an end that never arrived is left out."""
    ended = span.duration_ns is not None
    return _known(
        traceId=span.trace_id,
        spanId=span.span_id,
        parentSpanId=span.parent_span_id,
        traceState=span.trace_state,
        flags=span.flags,
        name=span.name,
        kind=KINDS.index(span.kind),
        startTimeUnixNano=str(span.start_ns),
        endTimeUnixNano=str(span.start_ns + (span.duration_ns or 0)) if ended else None,
        attributes=key_values(span.attributes),
        droppedAttributesCount=span.dropped_attributes_count,
        events=[_event(each) for each in span.events],
        droppedEventsCount=span.dropped_events_count,
        links=[_link(each) for each in span.links if each.direction == "outgoing"],
        droppedLinksCount=span.dropped_links_count,
        status=_known(code=STATUSES.index(span.status), message=span.status_message),
    )


def _event(event: Event) -> dict[str, Any]:
    return {
        "timeUnixNano": str(event.time_ns),
        "name": event.name,
        "attributes": key_values(event.attributes),
    }


def _link(link: Link) -> dict[str, Any]:
    return _known(
        traceId=link.trace_id,
        spanId=link.span_id,
        traceState=link.trace_state,
        attributes=key_values(link.attributes),
    )


def log_json(record: LogRecord) -> dict[str, Any]:
    """One log record."""
    return _known(
        timeUnixNano=str(record.time_ns),
        severityNumber=record.severity_number,
        severityText=record.severity_text,
        eventName=record.event_name,
        body=any_value(record.body) if record.body is not None else None,
        attributes=key_values(record.attributes),
        traceId=record.trace_id,
        spanId=record.span_id,
    )


def key_values(attributes: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Attributes as OTLP writes them."""
    return [{"key": key, "value": any_value(value)} for key, value in attributes.items()]


def any_value(value: Any) -> dict[str, Any]:
    """A value with its type; integers as text, since JSON readers lose those beyond 53 bits."""
    match value:
        case None:
            return {}
        case bool():
            return {"boolValue": value}
        case int():
            return {"intValue": str(value)}
        case float():
            return {"doubleValue": value}
        case str():
            return {"stringValue": value}
        case {"$bytes": str(encoded)} if len(value) == 1:
            return {"bytesValue": encoded}
        case Mapping():
            return {"kvlistValue": {"values": key_values(value)}}
        case Sequence():
            return {"arrayValue": {"values": [any_value(each) for each in value]}}
    return {"stringValue": str(value)}


def _scope(scope: Scope) -> dict[str, Any]:
    return _known(name=scope.name, version=scope.version, attributes=key_values(scope.attributes))


def _known(**members: Any) -> dict[str, Any]:
    """Without what was not sent: None, empty texts and lists, zeros."""
    return {name: value for name, value in members.items() if value not in (None, "", [], 0, {})}


def _identity(*parts: Any) -> str:
    return json.dumps(parts, sort_keys=True, default=str)


def _line(export: dict[str, Any]) -> bytes:
    try:
        return orjson.dumps(export, option=orjson.OPT_APPEND_NEWLINE)
    except orjson.JSONEncodeError:  # half of a surrogate pair
        return json.dumps(export).encode() + b"\n"
