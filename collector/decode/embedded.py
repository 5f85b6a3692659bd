"""Metrics within log lines, in CloudWatch's embedded metric format, as rows of metric points.

A line that names metrics under ``_aws`` leaves, beside its log record, a Summary of each metric for
each of its dimension sets: what CloudWatch would make of it, but for the name, ``Namespace/Name``
without ``amazonaws.com/`` before it. So a metric stream that tells the same is never added to it.
Source: CloudWatch user guide, "Specification: Embedded metric format".
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from collector.decode.aws.metric_streams import unit_of
from collector.decode.log_bodies import Members
from collector.decode.records import EARLIEST_NS, LATEST_NS
from collector.decode.semconv import FUNCTION_DIMENSIONS

ROOT: Final = "_aws"
LEFT_OUT: Final = (
    "metrics embedded in log lines left out (each needs a number or up to 100, 30 dimensions at "
    "most that the line holds, and a line gives 1,000 points at most)"
)
_NS_PER_MS: Final = 1_000_000
_DELTA: Final = 1
_MOST_VALUES: Final = 100
_MOST_DIMENSIONS: Final = 30
_MOST_POINTS: Final = 1_000  # the format allows 100 metrics in a line

Row = dict[str, Any]


class Embedded(NamedTuple):
    """The rows of one line, and how many metrics or dimension sets of it were left out."""

    rows: Sequence[Row]
    left_out: int


def read_embedded(members: Members, time_ns: int, function: str | None) -> Embedded:
    """The points a line tells of; time and function are those of its record.

    ``members`` are those of its body, a JSON object.
    """
    said = members.get(ROOT)
    if not isinstance(said, dict):
        return Embedded((), 0)
    at_ns = _time_ns(said.get("Timestamp"), time_ns)
    rows: list[Row] = []
    left_out = 0
    for directive in _objects(said.get("CloudWatchMetrics")):
        for row in _points(directive, members, function):
            if row is None or len(rows) == _MOST_POINTS:
                left_out += 1
            else:
                rows.append(row | {"time_ns": at_ns})
    return Embedded(rows, left_out)


def _time_ns(said: Any, otherwise_ns: int) -> int:
    if type(said) is int and EARLIEST_NS <= said * _NS_PER_MS < LATEST_NS:
        return said * _NS_PER_MS
    return otherwise_ns


def _objects(found: Any) -> Iterator[Members]:
    if isinstance(found, list):
        yield from (each for each in found if isinstance(each, dict))


def _points(directive: Members, members: Members, function: str | None) -> Iterator[Row | None]:
    """The rows of one directive; None for what cannot be one."""
    namespace = directive.get("Namespace")
    sets = [_dimensions(each, members) for each in _sets(directive.get("Dimensions"))]
    for metric in _objects(directive.get("Metrics")):
        name, unit = metric.get("Name"), metric.get("Unit")
        values = _values(members.get(name)) if isinstance(name, str) else None
        for dimensions in sets if values and isinstance(namespace, str) else [None]:
            if dimensions is None or not values:
                yield None
                continue
            yield {
                **_summary(values),
                "name": f"{namespace}/{name}",
                "description": "",
                "unit": unit_of(unit) if isinstance(unit, str) else "",
                "type": "summary",
                "temporality": _DELTA,
                "metadata": [],
                "metadata_types": "",
                "flags": 0,
                "function": _function(dimensions) or function,
                "attributes": [{"key": key, "value": text} for key, text in dimensions.items()],
                "attribute_types": "s" * len(dimensions),
            }


def _sets(found: Any) -> list[Any]:
    """The dimension sets; where there are none, the metric has no dimensions."""
    return found if isinstance(found, list) and found else [[]]


def _dimensions(names: Any, members: Members) -> dict[str, str] | None:
    """The values of one set; None where the line lacks one, as CloudWatch has it."""
    if not isinstance(names, list) or len(names) > _MOST_DIMENSIONS:
        return None
    found: dict[str, str] = {}
    for name in names:
        value = members.get(name) if isinstance(name, str) else None
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            return None
        found[name] = str(value)
    return found


def _values(found: Any) -> list[float] | None:
    values = found if isinstance(found, list) else [found]
    if not 0 < len(values) <= _MOST_VALUES:
        return None
    if any(isinstance(each, bool) or not isinstance(each, int | float) for each in values):
        return None
    numbers = [float(each) for each in values]
    return numbers if all(map(math.isfinite, numbers)) else None


def _summary(values: Sequence[float]) -> Row:
    return {
        "count": len(values),
        "sum": math.fsum(values),
        "quantiles": [0.0, 1.0],
        "quantile_values": [min(values), max(values)],
    }


def _function(dimensions: Mapping[str, str]) -> str | None:
    return next((dimensions[name] for name in FUNCTION_DIMENSIONS if dimensions.get(name)), None)
