"""The vocabulary of tests: builders of OTLP messages with defaults that are valid.

    export_request(span("orders"), span("charge", parent_id=..., attributes={"order.id": 7}))

A builder of a record gives a protobuf message; ``export_request`` wraps records of one signal,
``resource_group`` wraps those of one resource when there are several.
"""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, InstrumentationScope, KeyValue
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord, ResourceLogs, ScopeLogs
from opentelemetry.proto.metrics.v1.metrics_pb2 import (
    Gauge,
    Metric,
    NumberDataPoint,
    ResourceMetrics,
    ScopeMetrics,
    Sum,
)
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, ScopeSpans, Span, Status

# 2026-11-20 15:00:00 UTC
NOW_NS = 1_795_186_800_000_000_000
TRACE_ID = bytes.fromhex("6b006070c0ffee00112233445566778f")

_numbers = itertools.count(1)

Record = Span | LogRecord | Metric
Request = ExportTraceServiceRequest | ExportLogsServiceRequest | ExportMetricsServiceRequest


def value(plain: Any) -> AnyValue:
    """An AnyValue of plain Python data; None is the empty value, a dict is a kvlist."""
    match plain:
        case AnyValue():
            return plain
        case None:
            return AnyValue()
        case bool():
            return AnyValue(bool_value=plain)
        case int():
            return AnyValue(int_value=plain)
        case float():
            return AnyValue(double_value=plain)
        case bytes():
            return AnyValue(bytes_value=plain)
        case str():
            return AnyValue(string_value=plain)
        case dict():
            return AnyValue(kvlist_value={"values": attributes(plain)})
        case _:
            return AnyValue(array_value={"values": [value(each) for each in plain]})


def attributes(plain: Mapping[str, Any] | None) -> list[KeyValue]:
    return [KeyValue(key=key, value=value(each)) for key, each in (plain or {}).items()]


def span_id(number: int | None = None) -> bytes:
    """A span id of this number; without one, an id no other call has given."""
    return (next(_numbers) if number is None else number).to_bytes(8, "big")


def span(
    name: str = "orders",
    *,
    trace_id: bytes = TRACE_ID,
    id: bytes | None = None,  # noqa: A002 - reads as a keyword at the call
    parent_id: bytes = b"",
    start_ns: int = NOW_NS,
    duration_ns: int = 1_000_000,
    kind: int = Span.SPAN_KIND_SERVER,
    attributes: Mapping[str, Any] | None = None,
    error: str | None = None,
    links: Iterable[Span.Link] = (),
    events: Iterable[Span.Event] = (),
    **fields: Any,
) -> Span:
    """A valid span; ``fields`` sets any other field of the message by its protobuf name."""
    status = Status() if error is None else Status(code=Status.STATUS_CODE_ERROR, message=error)
    return Span(
        **{
            "name": name,
            "trace_id": trace_id,
            "span_id": span_id() if id is None else id,
            "parent_span_id": parent_id,
            "start_time_unix_nano": start_ns,
            "end_time_unix_nano": start_ns + duration_ns,
            "kind": kind,
            "attributes": _attributes(attributes),
            "status": status,
            "links": links,
            "events": events,
            **fields,
        }
    )


def link(trace_id: bytes, span_id: bytes, **attributes: Any) -> Span.Link:
    return Span.Link(trace_id=trace_id, span_id=span_id, attributes=_attributes(attributes))


def event(name: str, time_ns: int = NOW_NS, **attributes: Any) -> Span.Event:
    return Span.Event(name=name, time_unix_nano=time_ns, attributes=_attributes(attributes))


def trace(*spans: Span, trace_id: bytes = TRACE_ID) -> list[Span]:
    """The spans as one trace: each without a parent gets the first span as its parent."""
    root = spans[0]
    for each in spans:
        each.trace_id = trace_id
        if each is not root and not each.parent_span_id:
            each.parent_span_id = root.span_id
    return list(spans)


def log(
    body: Any = "started",
    *,
    time_ns: int = NOW_NS,
    severity: int = 9,
    attributes: Mapping[str, Any] | None = None,
    **fields: Any,
) -> LogRecord:
    """A valid log record; ``fields`` sets any other field of the message."""
    return LogRecord(
        body=value(body),
        time_unix_nano=time_ns,
        severity_number=severity,
        attributes=_attributes(attributes),
        **fields,
    )


def point(
    number: float,
    *,
    time_ns: int = NOW_NS,
    attributes: Mapping[str, Any] | None = None,
    **fields: Any,
) -> NumberDataPoint:
    """A data point: an int or a double by the type of ``number``."""
    shape = {"as_int" if isinstance(number, int) else "as_double": number}
    return NumberDataPoint(
        **shape, time_unix_nano=time_ns, attributes=_attributes(attributes), **fields
    )


def gauge(name: str, *points: NumberDataPoint | float, unit: str = "1") -> Metric:
    return Metric(name=name, unit=unit, gauge=Gauge(data_points=_points(points)))


def counter(
    name: str,
    *points: NumberDataPoint | float,
    unit: str = "1",
    temporality: int = 2,
    monotonic: bool = True,
) -> Metric:
    """A sum; cumulative and monotonic unless told otherwise."""
    data = Sum(
        data_points=_points(points), aggregation_temporality=temporality, is_monotonic=monotonic
    )
    return Metric(name=name, unit=unit, sum=data)


def resource(**named: Any) -> Resource:
    """A Lambda function's resource; keywords with ``__`` for dots add to it or replace."""
    known = {"service.name": "orders", "faas.name": "orders", "cloud.provider": "aws"}
    return Resource(attributes=_attributes({**known, **_dotted(named)}))


def resource_group(
    *records: Record,
    resource: Resource | None = None,
    scope: InstrumentationScope | None = None,
    schema_url: str = "",
) -> ResourceSpans | ResourceLogs | ResourceMetrics:
    """Records of one resource and scope, in the message of their signal."""
    outer, inner, leaf, scoped = {
        Span: (ResourceSpans, ScopeSpans, "spans", "scope_spans"),
        LogRecord: (ResourceLogs, ScopeLogs, "log_records", "scope_logs"),
        Metric: (ResourceMetrics, ScopeMetrics, "metrics", "scope_metrics"),
    }[type(records[0])]
    group = inner(scope=scope or InstrumentationScope(name="tests"), **{leaf: records})
    return outer(
        resource=resource or _default_resource(), schema_url=schema_url, **{scoped: [group]}
    )


def export_request(
    *records: Record | ResourceSpans | ResourceLogs | ResourceMetrics, **group: Any
) -> Request:
    """The export of these records, or of these resource groups."""
    if isinstance(records[0], Record):
        return export_request(resource_group(*records, **group))
    match records[0]:
        case ResourceSpans():
            return ExportTraceServiceRequest(resource_spans=records)
        case ResourceLogs():
            return ExportLogsServiceRequest(resource_logs=records)
        case _:
            return ExportMetricsServiceRequest(resource_metrics=records)


def _points(points: Sequence[NumberDataPoint | float]) -> list[NumberDataPoint]:
    return [each if isinstance(each, NumberDataPoint) else point(each) for each in points]


def _dotted(named: Mapping[str, Any]) -> dict[str, Any]:
    return {key.replace("__", "."): each for key, each in named.items()}


def _default_resource() -> Resource:
    return resource()


# ``attributes`` is also a parameter's name in the builders above.
_attributes = attributes
