"""The columns that only one type of data point has, by type, and their exemplars."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from collector.columns import EXEMPLARS, METRIC_POINTS
from collector.decode.attributes import Attributes, is_valid, read_attributes
from collector.decode.envelope import parents
from collector.decode.records import Ids, Mask, bitmap, times
from collector.decode.refusal import RefusedError

Columns = dict[str, pa.Array]

NO_RECORDED_VALUE: Final = 1  # DataPointFlags: the point says that there was nothing to measure


def refuse_several(structs: pa.StructArray, members: Iterable[str]) -> None:
    """Raises RefusedError where more than one member of a oneof is set: see ``wire``."""
    if np.any(sum(is_valid(structs.field(name)).astype(np.int8) for name in members) > 1):
        raise RefusedError("several members of a oneof: ptars does not tell which came last")


def _number(points: pa.StructArray) -> Columns:
    refuse_several(points, ("as_double", "as_int"))
    return {"value_double": points.field("as_double"), "value_int": points.field("as_int")}


def _histogram(points: pa.StructArray) -> Columns:
    return {
        **_distribution(points),
        "bucket_counts": _list(points, "bucket_counts", "bucket_counts"),
        "explicit_bounds": _list(points, "explicit_bounds", "explicit_bounds"),
    }


def _exponential(points: pa.StructArray) -> Columns:
    positive, negative = points.field("positive"), points.field("negative")
    return {
        **_distribution(points),
        "scale": points.field("scale"),
        "zero_count": points.field("zero_count"),
        "zero_threshold": points.field("zero_threshold"),
        "positive_offset": _masked(positive, "offset"),
        "positive_counts": _list(positive, "bucket_counts", "positive_counts"),
        "negative_offset": _masked(negative, "offset"),
        "negative_counts": _list(negative, "bucket_counts", "negative_counts"),
    }


def _summary(points: pa.StructArray) -> Columns:
    pairs = points.field("quantile_values")
    return {
        "count": points.field("count"),
        "sum": points.field("sum"),
        "quantiles": _as_list(pairs, pairs.values.field("quantile"), "quantiles"),
        "quantile_values": _as_list(pairs, pairs.values.field("value"), "quantile_values"),
    }


# The fields of ``Metric.data`` in opentelemetry-proto, which are also the stored types.
SHAPES: Final[dict[str, Callable[[pa.StructArray], Columns]]] = {
    "gauge": _number,
    "sum": _number,
    "histogram": _histogram,
    "exponential_histogram": _exponential,
    "summary": _summary,
}


def _distribution(points: pa.StructArray) -> Columns:
    return {name: points.field(name) for name in ("count", "sum", "min", "max")}


def _masked(structs: pa.StructArray, name: str) -> pa.Array:
    """A child of an optional message, null where the message was not sent."""
    child = structs.field(name)
    return pa.array(child.to_numpy(), child.type, mask=~is_valid(structs))


def _list(structs: pa.StructArray, name: str, column: str) -> pa.ListArray:
    lists = structs.field(name)
    return _as_list(lists, lists.values, column, is_valid(structs))


def _as_list(
    lists: pa.ListArray, values: pa.Array, column: str, valid: Mask | None = None
) -> pa.ListArray:
    """Other values in the same lists, with the type of a column of the table."""
    offsets = pa.py_buffer(np.ascontiguousarray(lists.offsets.to_numpy()))
    nulls = None if valid is None or valid.all() else bitmap(valid)
    kind = METRIC_POINTS.field(column).type
    return pa.Array.from_buffers(kind, len(lists), [nulls, offsets], children=[values])


@dataclass(frozen=True, slots=True)
class Exemplars:
    """The exemplars of n points as stored, and the index of the point each belongs to."""

    lists: pa.ListArray
    point: NDArray[np.int64]
    attributes: Attributes


def read_exemplars(points: pa.StructArray) -> Exemplars | None:
    """None when no point has any; a point without is null, whatever the others have.

    An id that is not of its length is null: the exemplar's value is still worth keeping.
    """
    lists = points.field("exemplars")
    structs = lists.values
    if not len(structs):
        return None
    refuse_several(structs, ("as_double", "as_int"))
    attributes = read_attributes(structs.field("filtered_attributes"))
    children = [
        times(structs.field("time_unix_nano").to_numpy()),
        structs.field("as_double"),
        structs.field("as_int"),
        Ids(structs.field("trace_id"), 16).traces(),
        Ids(structs.field("span_id"), 8).spans(),
        attributes.lists,
        attributes.types,
    ]
    kind = EXEMPLARS.value_type
    values = pa.Array.from_buffers(kind, len(structs), [None], children=children)
    some = np.diff(lists.offsets.to_numpy()) > 0
    return Exemplars(_as_list(lists, values, "exemplars", some), parents(lists), attributes)


def invalid_values(type_: str, points: pa.StructArray) -> Iterator[tuple[str, Mask]]:
    """Reasons to reject points for what they measured, each with the points it rejects."""
    nothing = np.zeros(len(points), np.bool_)
    numbers = type_ in {"gauge", "sum"}
    yield "no_value", _without_value(points) if numbers else nothing
    yield "invalid_histogram", _mismatched(points) if type_ == "histogram" else nothing


def _without_value(points: pa.StructArray) -> Mask:
    """Neither an int nor a double, and no flag that says this is meant."""
    excused: Mask = (points.field("flags").to_numpy() & NO_RECORDED_VALUE) != 0
    measured: Mask = is_valid(points.field("as_double")) | is_valid(points.field("as_int"))
    unexplained: Mask = ~(measured | excused)
    return unexplained


def _mismatched(points: pa.StructArray) -> Mask:
    """There is one bucket more than bounds, or none of either."""
    buckets = np.diff(points.field("bucket_counts").offsets.to_numpy())
    bounds = np.diff(points.field("explicit_bounds").offsets.to_numpy())
    mismatched: Mask = (buckets != bounds + 1) & ((buckets != 0) | (bounds != 0))
    return mismatched
