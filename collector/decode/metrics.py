"""Data points of every metric type as columns: the fast path of metrics.

A metric without data points says nothing and leaves nothing.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from collector.batch import Batch, Export, Signal
from collector.columns import METRIC_POINTS
from collector.decode import semconv
from collector.decode.attributes import Attributes, read_attributes
from collector.decode.envelope import Envelope, open_envelope, parents
from collector.decode.identity import FUNCTION_NAMES, function_column
from collector.decode.limits import Limits
from collector.decode.metric_shapes import (
    SHAPES,
    Columns,
    invalid_values,
    read_exemplars,
    refuse_several,
)
from collector.decode.outcomes import Verdict, batch_of, kept
from collector.decode.promote import Promoter
from collector.decode.records import Mask, enumeration, in_range, nullable
from collector.decode.wire import READERS

TEMPORALITIES: Final = 3

_WANTED: Final = frozenset(FUNCTION_NAMES + semconv.DIMENSIONS + semconv.FUNCTION_DIMENSIONS)


class _Points:
    """All points of one type in a group, and the index of the metric each is a point of."""

    def __init__(self, type_: str, structs: pa.StructArray, metric: NDArray[np.int64]) -> None:
        self.type = type_
        self.structs = structs
        self.metric = metric
        self.time_ns = structs.field("time_unix_nano").to_numpy()
        self.start_ns = structs.field("start_time_unix_nano").to_numpy()
        self.attributes = read_attributes(structs.field("attributes"))
        self.shape: Columns = SHAPES[type_](structs)
        self.exemplars = None if type_ == "summary" else read_exemplars(structs)


def decode_metrics(exports: Sequence[Export], limits: Limits) -> Batch:
    """Raises RefusedError, ValueError or a Rust panic where the fast path cannot vouch."""
    groups = READERS[Signal.METRICS].read([each.body for each in exports])
    envelope = open_envelope(groups, exports, "scope_metrics", "metrics")
    metadata = read_attributes(envelope.records.field("metadata"))
    parts = list(_points(envelope.records))
    metric = _joined([each.metric for each in parts])
    order = np.argsort(metric, kind="stable")  # from type by type to the order as sent
    verdict = Verdict(envelope.export[metric[order]], len(exports))
    if not parts:
        return batch_of(envelope, verdict, metric, {})
    crowded = metadata.count > limits.max_attributes
    judged = [dict(_reasons(each, crowded, limits)) for each in parts]
    for reason in judged[0]:
        verdict.reject(reason, _joined([each[reason] for each in judged])[order])
    tables = [_point_table(each, envelope, metadata) for each in parts]
    table = tables[0] if len(tables) == 1 else pa.concat_tables(tables).take(pa.array(order))
    time_ns = table.column("time_ns").to_numpy()
    stored = {"metric_points": kept(table, verdict.kept)}
    return batch_of(envelope, verdict, time_ns, stored, metric[order])


def _joined(parts: Sequence[NDArray[Any]]) -> NDArray[Any]:
    return np.concatenate(parts) if parts else np.zeros(0, np.int64)


def _points(metrics: pa.StructArray) -> Iterator[_Points]:
    """The points of each type that has any."""
    refuse_several(metrics, SHAPES)
    for name in SHAPES:
        lists = metrics.field(name).field("data_points")
        if len(lists.values):
            yield _Points(name, lists.values, parents(lists))


def _reasons(points: _Points, crowded: Mask, limits: Limits) -> Iterator[tuple[str, Mask]]:
    """For each reason which points it rejects; ``crowded`` are metrics with too much metadata."""
    started = points.start_ns != 0
    too_many = crowded[points.metric] | (points.attributes.count > limits.max_attributes)
    if points.exemplars:
        exemplars = points.exemplars
        too_many[exemplars.point[exemplars.attributes.count > limits.max_attributes]] = True
    yield "invalid_time", ~in_range(points.time_ns) | (started & ~in_range(points.start_ns))
    yield from invalid_values(points.type, points.structs)
    yield "too_many_attributes", too_many


def _point_table(points: _Points, envelope: Envelope, metadata: Attributes) -> pa.Table:
    structs, metrics = points.structs, envelope.records
    metric = pa.array(points.metric)
    promoter = Promoter(points.attributes, _WANTED)
    columns: Columns = {
        "time_ns": pa.array(points.time_ns.view(np.int64)),
        "start_ns": nullable(points.start_ns.view(np.int64), points.start_ns != 0),
        "type": pa.repeat(points.type, len(structs)),
        **{name: metrics.field(name).take(metric) for name in ("name", "description", "unit")},
        **_aggregation(points.type, metrics.field(points.type), metric),
        "metadata": metadata.lists.take(metric),
        "metadata_types": metadata.types.take(metric),
        **points.shape,
        "flags": structs.field("flags"),
        "function": function_column(promoter, envelope.function().take(metric), dimensions=True),
        "resource_id": envelope.resource_id.take(metric),
        "scope_id": envelope.scope_id.take(metric),
        "attributes": points.attributes.lists,
        "attribute_types": points.attributes.types,
        "export_seq": pa.array(envelope.seq[points.metric]),
    }
    if points.exemplars:
        columns["exemplars"] = points.exemplars.lists
    return pa.Table.from_arrays(
        [columns.get(each.name, pa.nulls(len(structs), each.type)) for each in METRIC_POINTS],
        schema=METRIC_POINTS,
    )


def _aggregation(type_: str, data: pa.StructArray, metric: pa.Int64Array) -> Columns:
    """Temporality and monotonicity of the types that have them."""
    columns = {}
    if type_ not in {"gauge", "summary"}:
        sent = data.field("aggregation_temporality")
        columns["temporality"] = enumeration(sent, TEMPORALITIES).take(metric)
    if type_ == "sum":
        columns["monotonic"] = data.field("is_monotonic").take(metric)
    return columns
