"""Short names for OTLP messages: what a written story is put together from.

Times are seconds after the story's start (``START_NS``), durations milliseconds; ids are made from
names, so that the same story is written byte for byte each time.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValue, KeyValueList
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric
from opentelemetry.proto.trace.v1.trace_pb2 import Span

START_NS: Final = 1_795_186_800_000_000_000
"""2026-11-20T15:00:00Z: every written story begins then."""

Attributes = Mapping[str, Any]
SERVER, CLIENT, PRODUCER, CONSUMER, INTERNAL = 2, 3, 4, 5, 1
ERROR: Final = 2
DELTA, CUMULATIVE = 1, 2


def at_ns(second: float) -> int:
    """The moment so many seconds after the story's start, on a whole millisecond."""
    return START_NS + round(second * 1000) * 1_000_000


def trace_id(name: str) -> bytes:
    """16 bytes that belong to a name."""
    return hashlib.sha256(f"trace {name}".encode()).digest()[:16]


def span_id(name: str) -> bytes:
    """8 bytes that belong to a name."""
    return hashlib.sha256(f"span {name}".encode()).digest()[:8]


def uuid(name: str) -> str:
    """A UUID (version 4 in form) that belongs to a name."""
    digest = hashlib.sha256(f"uuid {name}".encode()).hexdigest()
    return f"{digest[:8]}-{digest[8:12]}-4{digest[13:16]}-a{digest[17:20]}-{digest[20:32]}"


def value(of: Any) -> AnyValue:
    """A Python value as OTLP's AnyValue."""
    if isinstance(of, bool):
        return AnyValue(bool_value=of)
    if isinstance(of, int):
        return AnyValue(int_value=of)
    if isinstance(of, float):
        return AnyValue(double_value=of)
    if isinstance(of, Mapping):
        return AnyValue(kvlist_value=KeyValueList(values=attributes(of)))
    if isinstance(of, list):
        return AnyValue(array_value=ArrayValue(values=[value(each) for each in of]))
    return AnyValue(string_value=str(of))


def attributes(of: Attributes) -> list[KeyValue]:
    """Attributes in the order given; a value None is left out."""
    return [KeyValue(key=key, value=value(each)) for key, each in of.items() if each is not None]


def span(
    name: str,
    kind: int,
    second: float,
    duration_ms: float,
    *,
    trace: str,
    me: str,
    parent: str | None = None,
    failed: str | None = None,
    links: Sequence[tuple[str, str, Attributes]] = (),
    events: Sequence[tuple[str, float, Attributes]] = (),
    tags: Attributes | None = None,
) -> Span:
    """A span called ``me`` in the trace called ``trace``; links are (trace, span, attributes)."""
    made = Span(
        trace_id=trace_id(trace),
        span_id=span_id(f"{trace} {me}"),
        name=name,
        kind=kind,  # type: ignore[arg-type]
        start_time_unix_nano=at_ns(second),
        end_time_unix_nano=at_ns(second) + round(duration_ms * 1e6),
        attributes=attributes(tags or {}),
    )
    if parent is not None:
        made.parent_span_id = span_id(f"{trace} {parent}")
    if failed is not None:
        made.status.code = ERROR  # type: ignore[assignment]
        made.status.message = failed
    for other_trace, other, told in links:
        made.links.add(
            trace_id=trace_id(other_trace),
            span_id=span_id(f"{other_trace} {other}"),
            attributes=attributes(told),
        )
    for event, moment, told in events:
        made.events.add(name=event, time_unix_nano=at_ns(moment), attributes=attributes(told))
    return made


def log(
    body: Any,
    second: float,
    *,
    severity: str = "INFO",
    tags: Attributes | None = None,
    trace: str | None = None,
    me: str | None = None,
) -> LogRecord:
    """A log record, of a span where one is named."""
    number = {"DEBUG": 5, "INFO": 9, "WARN": 13, "ERROR": 17, "FATAL": 21}[severity]
    made = LogRecord(
        time_unix_nano=at_ns(second),
        observed_time_unix_nano=at_ns(second),
        severity_number=number,  # type: ignore[arg-type]
        severity_text=severity,
        body=value(body),
        attributes=attributes(tags or {}),
    )
    if trace is not None:
        made.trace_id = trace_id(trace)
        made.span_id = span_id(f"{trace} {me}") if me else b""
    return made


def gauge(name: str, unit: str, points: Iterable[tuple[float, float | int, Attributes]]) -> Metric:
    """A gauge with points (second, value, attributes)."""
    made = Metric(name=name, unit=unit)
    made.gauge.SetInParent()
    for second, number, tags in points:
        _number(made.gauge.data_points.add(), None, second, number, tags)
    return made


def total(
    name: str,
    unit: str,
    temporality: int,
    points: Iterable[tuple[float, float, float | int, Attributes]],
    *,
    monotonic: bool = True,
) -> Metric:
    """A sum with points (second it counts from, second, value, attributes)."""
    made = Metric(name=name, unit=unit)
    made.sum.aggregation_temporality = temporality  # type: ignore[assignment]
    made.sum.is_monotonic = monotonic
    for since, second, number, tags in points:
        _number(made.sum.data_points.add(), since, second, number, tags)
    return made


def histogram(
    name: str,
    unit: str,
    temporality: int,
    bounds: Sequence[float],
    points: Iterable[tuple[float, float, Sequence[int], float | None, Attributes]],
) -> Metric:
    """A histogram with points (second it counts from, second, bucket counts, sum, attributes)."""
    made = Metric(name=name, unit=unit)
    made.histogram.aggregation_temporality = temporality  # type: ignore[assignment]
    for since, second, counts, amount, tags in points:
        point = made.histogram.data_points.add(
            start_time_unix_nano=at_ns(since),
            time_unix_nano=at_ns(second),
            count=sum(counts),
            bucket_counts=counts,
            explicit_bounds=bounds,
            attributes=attributes(tags),
        )
        if amount is not None:
            point.sum = amount
    return made


def _number(
    point: Any, since: float | None, second: float, number: float | int, tags: Attributes
) -> None:
    point.time_unix_nano = at_ns(second)
    if since is not None:
        point.start_time_unix_nano = at_ns(since)
    if isinstance(number, int):
        point.as_int = number
    else:
        point.as_double = number
    point.attributes.extend(attributes(tags))


def traces(resource: Attributes, scope: str, spans: Iterable[Span]) -> ExportTraceServiceRequest:
    """One export of spans."""
    made = ExportTraceServiceRequest()
    group = made.resource_spans.add()
    group.resource.attributes.extend(attributes(resource))
    group.scope_spans.add(scope={"name": scope}, spans=spans)
    return made


def logs(
    resource: Attributes, scope: str, records: Iterable[LogRecord]
) -> ExportLogsServiceRequest:
    """One export of log records."""
    made = ExportLogsServiceRequest()
    group = made.resource_logs.add()
    group.resource.attributes.extend(attributes(resource))
    group.scope_logs.add(scope={"name": scope}, log_records=records)
    return made


def metrics(
    resource: Attributes, scope: str, series: Iterable[Metric]
) -> ExportMetricsServiceRequest:
    """One export of metrics."""
    made = ExportMetricsServiceRequest()
    group = made.resource_metrics.add()
    group.resource.attributes.extend(attributes(resource))
    group.scope_metrics.add(scope={"name": scope}, metrics=series)
    return made
