"""Every field OTLP carries has a column, or a written reason why it has none."""

from collections.abc import Iterator

import pyarrow as pa
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from opentelemetry.proto.logs.v1.logs_pb2 import LogsData
from opentelemetry.proto.metrics.v1.metrics_pb2 import MetricsData
from opentelemetry.proto.trace.v1.trace_pb2 import TracesData

from collector.columns import TABLES

# Field -> the columns that hold it; "table.column.child" for a child of a list of structs.
COLUMNS = {
    "Resource.attributes": "resources.attributes resources.attribute_types",
    "Resource.dropped_attributes_count": "resources.dropped_attributes_count",
    "Resource.entity_refs": "resources.entity_refs",
    "EntityRef.schema_url": "resources.entity_refs",
    "EntityRef.type": "resources.entity_refs",
    "EntityRef.id_keys": "resources.entity_refs",
    "EntityRef.description_keys": "resources.entity_refs",
    "ResourceSpans.resource": "spans.resource_id",
    "ResourceSpans.schema_url": "resources.schema_url",
    "ResourceMetrics.resource": "metric_points.resource_id",
    "ResourceMetrics.schema_url": "resources.schema_url",
    "ResourceLogs.resource": "log_records.resource_id",
    "ResourceLogs.schema_url": "resources.schema_url",
    "InstrumentationScope.name": "scopes.name",
    "InstrumentationScope.version": "scopes.version",
    "InstrumentationScope.attributes": "scopes.attributes scopes.attribute_types",
    "InstrumentationScope.dropped_attributes_count": "scopes.dropped_attributes_count",
    "ScopeSpans.scope": "spans.scope_id",
    "ScopeSpans.schema_url": "scopes.schema_url",
    "ScopeMetrics.scope": "metric_points.scope_id",
    "ScopeMetrics.schema_url": "scopes.schema_url",
    "ScopeLogs.scope": "log_records.scope_id",
    "ScopeLogs.schema_url": "scopes.schema_url",
    "KeyValue.key": "spans.attributes.key",
    "KeyValue.value": "spans.attributes.value",
    "AnyValue.string_value": "spans.attributes.value spans.attribute_types",
    "AnyValue.bool_value": "spans.attributes.value spans.attribute_types",
    "AnyValue.int_value": "spans.attributes.value spans.attribute_types",
    "AnyValue.double_value": "spans.attributes.value spans.attribute_types",
    "AnyValue.array_value": "spans.attributes.value spans.attribute_types",
    "AnyValue.kvlist_value": "spans.attributes.value spans.attribute_types",
    "AnyValue.bytes_value": "spans.attributes.value spans.attribute_types",
    "ArrayValue.values": "spans.attributes.value",
    "KeyValueList.values": "spans.attributes.value",
    "Span.trace_id": "spans.trace_id",
    "Span.span_id": "spans.span_id",
    "Span.trace_state": "spans.trace_state",
    "Span.parent_span_id": "spans.parent_span_id",
    "Span.flags": "spans.flags",
    "Span.name": "spans.name",
    "Span.kind": "spans.kind",
    "Span.start_time_unix_nano": "spans.start_ns",
    "Span.end_time_unix_nano": "spans.duration_ns",
    "Span.attributes": "spans.attributes spans.attribute_types",
    "Span.dropped_attributes_count": "spans.dropped_attributes_count",
    "Span.events": "span_events.span_id",
    "Span.dropped_events_count": "spans.dropped_events_count",
    "Span.links": "span_links.span_id",
    "Span.dropped_links_count": "spans.dropped_links_count",
    "Span.status": "spans.status_code",
    "Status.message": "spans.status_message",
    "Status.code": "spans.status_code",
    "Event.time_unix_nano": "span_events.time_ns",
    "Event.name": "span_events.name",
    "Event.attributes": "span_events.attributes span_events.attribute_types",
    "Event.dropped_attributes_count": "span_events.dropped_attributes_count",
    "Link.trace_id": "span_links.linked_trace_id",
    "Link.span_id": "span_links.linked_span_id",
    "Link.trace_state": "span_links.trace_state",
    "Link.attributes": "span_links.attributes span_links.attribute_types",
    "Link.dropped_attributes_count": "span_links.dropped_attributes_count",
    "Link.flags": "span_links.flags",
    "LogRecord.time_unix_nano": "log_records.time_ns",
    "LogRecord.observed_time_unix_nano": "log_records.observed_ns",
    "LogRecord.severity_number": "log_records.severity",
    "LogRecord.severity_text": "log_records.severity_text",
    "LogRecord.body": "log_records.body log_records.body_type",
    "LogRecord.attributes": "log_records.attributes log_records.attribute_types",
    "LogRecord.dropped_attributes_count": "log_records.dropped_attributes_count",
    "LogRecord.flags": "log_records.flags",
    "LogRecord.trace_id": "log_records.trace_id",
    "LogRecord.span_id": "log_records.span_id",
    "LogRecord.event_name": "log_records.event_name",
    "Metric.name": "metric_points.name",
    "Metric.description": "metric_points.description",
    "Metric.unit": "metric_points.unit",
    "Metric.gauge": "metric_points.type",
    "Metric.sum": "metric_points.type",
    "Metric.histogram": "metric_points.type",
    "Metric.exponential_histogram": "metric_points.type",
    "Metric.summary": "metric_points.type",
    "Metric.metadata": "metric_points.metadata metric_points.metadata_types",
    "Sum.aggregation_temporality": "metric_points.temporality",
    "Sum.is_monotonic": "metric_points.monotonic",
    "Histogram.aggregation_temporality": "metric_points.temporality",
    "ExponentialHistogram.aggregation_temporality": "metric_points.temporality",
    "NumberDataPoint.as_double": "metric_points.value_double",
    "NumberDataPoint.as_int": "metric_points.value_int",
    "HistogramDataPoint.bucket_counts": "metric_points.bucket_counts",
    "HistogramDataPoint.explicit_bounds": "metric_points.explicit_bounds",
    "ExponentialHistogramDataPoint.scale": "metric_points.scale",
    "ExponentialHistogramDataPoint.zero_count": "metric_points.zero_count",
    "ExponentialHistogramDataPoint.zero_threshold": "metric_points.zero_threshold",
    "ExponentialHistogramDataPoint.positive": "metric_points.positive_offset",
    "ExponentialHistogramDataPoint.negative": "metric_points.negative_offset",
    "Buckets.offset": "metric_points.positive_offset metric_points.negative_offset",
    "Buckets.bucket_counts": "metric_points.positive_counts metric_points.negative_counts",
    "SummaryDataPoint.quantile_values": "metric_points.quantiles metric_points.quantile_values",
    "ValueAtQuantile.quantile": "metric_points.quantiles",
    "ValueAtQuantile.value": "metric_points.quantile_values",
    "Exemplar.filtered_attributes": (
        "metric_points.exemplars.attributes metric_points.exemplars.attribute_types"
    ),
    "Exemplar.time_unix_nano": "metric_points.exemplars.time_ns",
    "Exemplar.as_double": "metric_points.exemplars.value_double",
    "Exemplar.as_int": "metric_points.exemplars.value_int",
    "Exemplar.span_id": "metric_points.exemplars.span_id",
    "Exemplar.trace_id": "metric_points.exemplars.trace_id",
}
_ANY_POINT = {
    "attributes": "metric_points.attributes metric_points.attribute_types",
    "start_time_unix_nano": "metric_points.start_ns",
    "time_unix_nano": "metric_points.time_ns",
    "count": "metric_points.count",
    "sum": "metric_points.sum",
    "min": "metric_points.min",
    "max": "metric_points.max",
    "flags": "metric_points.flags",
    "exemplars": "metric_points.exemplars",
}

_ENVELOPE = "the nesting itself: each record says where it belongs by resource_id and scope_id"
_PROFILES = "an index into the string table of a profiles export; the three signals have no table"
REASONS = {
    "TracesData.resource_spans": _ENVELOPE,
    "MetricsData.resource_metrics": _ENVELOPE,
    "LogsData.resource_logs": _ENVELOPE,
    "ResourceSpans.scope_spans": _ENVELOPE,
    "ResourceMetrics.scope_metrics": _ENVELOPE,
    "ResourceLogs.scope_logs": _ENVELOPE,
    "ScopeSpans.spans": _ENVELOPE,
    "ScopeMetrics.metrics": _ENVELOPE,
    "ScopeLogs.log_records": _ENVELOPE,
    "Gauge.data_points": "one row per point; a metric without points says nothing",
    "Sum.data_points": "one row per point; a metric without points says nothing",
    "Histogram.data_points": "one row per point; a metric without points says nothing",
    "ExponentialHistogram.data_points": "one row per point; a metric without points says nothing",
    "Summary.data_points": "one row per point; a metric without points says nothing",
    "AnyValue.string_value_strindex": _PROFILES,
    "KeyValue.key_strindex": _PROFILES,
}


def fields(kind: Descriptor, seen: set[str]) -> Iterator[FieldDescriptor]:
    """Every field of a message and of those below it, each message once."""
    if kind.full_name in seen:
        return
    seen.add(kind.full_name)
    for field in kind.fields:
        yield field
        if field.message_type is not None:
            yield from fields(field.message_type, seen)


def all_fields() -> set[str]:
    seen: set[str] = set()
    return {
        f"{field.containing_type.name}.{field.name}"
        for data in (TracesData, MetricsData, LogsData)
        for field in fields(data.DESCRIPTOR, seen)
    }


def columns_of(field: str) -> str | None:
    message, name = field.split(".")
    return COLUMNS.get(field) or (_ANY_POINT.get(name) if message.endswith("DataPoint") else None)


def exists(path: str) -> bool:
    """Whether a column, or a child of its structs, is in the schema."""
    table, column, *children = path.split(".")
    if column not in TABLES[table].names:
        return False
    kind: pa.DataType = TABLES[table].field(column).type
    return all(kind.value_type.get_field_index(child) >= 0 for child in children)


def test_every_field_has_a_column_or_a_reason() -> None:
    """A field that a newer protocol adds fails here until someone decides where it goes."""
    undecided = {field for field in all_fields() if not columns_of(field) and field not in REASONS}

    assert not undecided


def test_every_entry_is_a_field_of_the_protocol() -> None:
    """Nothing here outlives the field it speaks of."""
    assert COLUMNS.keys() | REASONS.keys() <= all_fields()


def test_every_named_column_exists() -> None:
    """What the lists point at is really stored."""
    named = {path for entry in [*COLUMNS.values(), *_ANY_POINT.values()] for path in entry.split()}

    assert {path for path in named if not exists(path)} == set()


def test_no_field_is_both_stored_and_excused() -> None:
    """A reason is for what has no column."""
    assert not {field for field in REASONS if columns_of(field)}
