"""Data points one by one: what ``collector.decode.metrics`` must equal."""

from collections.abc import Sequence
from typing import Any

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.metrics.v1.metrics_pb2 import Exemplar, Metric

from collector.decode.limits import Limits
from collector.decode.metric_shapes import NO_RECORDED_VALUE
from collector.decode.metrics import TEMPORALITIES
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


def read_metrics(request: ExportMetricsServiceRequest, rows: Rows, limits: Limits) -> None:
    for outer in request.resource_metrics:
        for inner in outer.scope_metrics:
            around = Around(outer, inner)
            for metric in inner.metrics:
                _read_metric(metric, around, rows, limits)


def _read_metric(metric: Metric, around: Around, rows: Rows, limits: Limits) -> None:
    type_ = metric.WhichOneof("data")
    if type_ is None:
        return
    data = getattr(metric, type_)
    for point in data.data_points:
        try:
            row = _read_point(type_, point, around, limits)
            row.update(_metric_columns(type_, metric, data, limits))
            rows.keep(around, row["time_ns"], metric_points=[row])
        except RejectedRecordError as error:
            rows.reject(error)


def _metric_columns(type_: str, metric: Metric, data: Any, limits: Limits) -> Row:
    metadata = Named(metric.metadata, limits)
    row: Row = {
        "name": metric.name,
        "description": metric.description,
        "unit": metric.unit,
        "type": type_,
        "metadata": metadata.rows,
        "metadata_types": metadata.types,
    }
    if type_ not in {"gauge", "summary"}:
        row["temporality"] = enumerated(data.aggregation_temporality, TEMPORALITIES)
    if type_ == "sum":
        row["monotonic"] = data.is_monotonic
    return row


def _read_point(type_: str, point: Any, around: Around, limits: Limits) -> Row:
    start_ns = point.start_time_unix_nano
    if not in_range(point.time_unix_nano) or (start_ns and not in_range(start_ns)):
        raise RejectedRecordError("invalid_time")
    shape = _SHAPES[type_](point)
    named = Named(point.attributes, limits)
    exemplars: Sequence[Exemplar] = () if type_ == "summary" else point.exemplars
    return {
        "time_ns": point.time_unix_nano,
        "start_ns": start_ns or None,
        **shape,
        "exemplars": [_exemplar(each, limits) for each in exemplars] or None,
        "flags": point.flags,
        "function": named.function(None) or named.dimension_function() or around.function,
        **around.ids,
        "attributes": named.rows,
        "attribute_types": named.types,
    }


def _optional(message: Any, name: str) -> Any:
    return getattr(message, name) if message.HasField(name) else None


def _number(point: Any) -> Row:
    value = point.WhichOneof("value")
    if value is None and not point.flags & NO_RECORDED_VALUE:
        raise RejectedRecordError("no_value")
    return {
        "value_double": _optional(point, "as_double"),
        "value_int": _optional(point, "as_int"),
    }


def _distribution(point: Any) -> Row:
    return {
        "count": point.count,
        **{name: _optional(point, name) for name in ("sum", "min", "max")},
    }


def _histogram(point: Any) -> Row:
    buckets, bounds = list(point.bucket_counts), list(point.explicit_bounds)
    if (buckets or bounds) and len(buckets) != len(bounds) + 1:
        raise RejectedRecordError("invalid_histogram")
    return {**_distribution(point), "bucket_counts": buckets, "explicit_bounds": bounds}


def _exponential(point: Any) -> Row:
    row = {
        **_distribution(point),
        "scale": point.scale,
        "zero_count": point.zero_count,
        "zero_threshold": point.zero_threshold,
    }
    for side in ("positive", "negative"):
        if buckets := _optional(point, side):
            row[f"{side}_offset"] = buckets.offset
            row[f"{side}_counts"] = list(buckets.bucket_counts)
    return row


def _summary(point: Any) -> Row:
    return {
        "count": point.count,
        "sum": point.sum,
        "quantiles": [each.quantile for each in point.quantile_values],
        "quantile_values": [each.value for each in point.quantile_values],
    }


_SHAPES = {
    "gauge": _number,
    "sum": _number,
    "histogram": _histogram,
    "exponential_histogram": _exponential,
    "summary": _summary,
}


def _exemplar(exemplar: Exemplar, limits: Limits) -> Row:
    named = Named(exemplar.filtered_attributes, limits)
    return {
        "time_ns": time_or_none(exemplar.time_unix_nano),
        "value_double": _optional(exemplar, "as_double"),
        "value_int": _optional(exemplar, "as_int"),
        "trace_id": usable_id(exemplar.trace_id, 16),
        "span_id": number(usable_id(exemplar.span_id, 8)),
        "attributes": named.rows,
        "attribute_types": named.types,
    }
