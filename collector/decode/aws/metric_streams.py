"""CloudWatch metric streams, in both formats that current OTLP can hold, as OTLP metrics.

``opentelemetry1.0`` is OTLP already: messages behind their lengths. The JSON format becomes
exactly what the other would say of the same datum: a Summary named ``amazonaws.com/Namespace/
MetricName`` with minimum and maximum as quantiles 0 and 1. ``opentelemetry0.7`` keeps its
dimensions where OTLP no longer looks, so it is refused with the remedy instead of losing them.
Source: CloudWatch user guide, "Translations with OpenTelemetry 1.0.0 format" and "JSON format".
"""

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from google.protobuf.message import DecodeError
from google.protobuf.unknown_fields import UnknownFieldSet
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue, KeyValueList
from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric, SummaryDataPoint

from collector.batch import Signal
from collector.decode.aws.delimited import read_delimited
from collector.decode.aws.json_objects import Members
from collector.decode.aws.origin import Around, attribute, attributes
from collector.decode.aws.translated import Translated
from collector.errors import Malformed

_NS_PER_MS: Final = 1_000_000
# A stream gives each metric by the minute and says when its minute began.
_PERIOD_NS: Final = 60_000_000_000
_LAST_MS: Final = 2**63 // _NS_PER_MS - 60_000
# A record has 1 MB and a message more than 100 bytes; each costs 10 µs however small it is.
_MOST_MESSAGES: Final = 100_000
_PERCENTILE: Final = re.compile(r"p(\d{1,2}(?:\.\d{1,10})?|100)")
_OLD_LABELS: Final = 1  # the field of a data point in OTLP 0.7 that held its labels

_UNITS: Final = {
    "second": "s",
    "seconds": "s",
    "microsecond": "us",
    "microseconds": "us",
    "millisecond": "ms",
    "milliseconds": "ms",
    "bytes": "By",
    "kilobytes": "kBy",
    "megabytes": "MBy",
    "gigabytes": "GBy",
    "terabytes": "TBy",
    "bits": "bit",
    "kilobits": "kbit",
    "megabits": "MBit",
    "gigabits": "GBit",
    "terabits": "Tbit",
    "percent": "%",
    "count": "{Count}",
    "none": "1",
}


def is_metric(members: Members) -> bool:
    """Whether an object is a datum of the JSON format."""
    return "metric_name" in members and "namespace" in members


def is_message(data: bytes) -> bool:
    """Whether a record begins with an OTLP request behind its length."""
    try:
        first = next(read_delimited(data), b"")
        return bool(ExportMetricsServiceRequest.FromString(first).resource_metrics)
    except (Malformed, DecodeError):
        return False


def read_messages(data: bytes, around: Around, into: Translated) -> None:
    """Adds the messages of one record; a wrong length costs all that follows it."""
    try:
        for number, message in enumerate(read_delimited(data)):
            if number == _MOST_MESSAGES:
                into.unreadable["too_many_messages"] += 1
                return
            _add_message(message, around, into)
    except Malformed:
        into.unreadable["bad_delimited"] += 1


def _add_message(message: bytes, around: Around, into: Translated) -> None:
    try:
        request = ExportMetricsServiceRequest.FromString(message)
    except DecodeError:
        into.unreadable["bad_protobuf"] += 1
        return
    if not request.resource_metrics:
        if message:
            into.unreadable["not_otlp"] += 1
        return
    if any(map(_is_old, _points(request))):
        into.unreadable["opentelemetry_0_7"] += 1
        return
    if around.common:
        for outer in request.resource_metrics:
            said = {each.key for each in outer.resource.attributes}
            added = {key: value for key, value in around.common.items() if key not in said}
            outer.resource.attributes.extend(attributes(added, {}))
        message = request.SerializeToString()
    into.add(Signal.METRICS, message)


def _points(request: ExportMetricsServiceRequest) -> Iterator[SummaryDataPoint]:
    for outer in request.resource_metrics:
        for inner in outer.scope_metrics:
            for metric in inner.metrics:
                yield from metric.summary.data_points


def _is_old(point: SummaryDataPoint) -> bool:
    if point.attributes:
        return False
    unknown = UnknownFieldSet(point)
    return any(unknown[index].field_number == _OLD_LABELS for index in range(len(unknown)))


def read_data(data: Iterable[Members], around: Around, into: Translated) -> None:
    """Adds data of the JSON format, those of one stream under one resource."""
    request = ExportMetricsServiceRequest()
    by_stream: dict[tuple[str, str, str], Any] = {}
    for members in data:
        read = _metric(members)
        if isinstance(read, str):
            into.rejected[Signal.METRICS, read] += 1
            continue
        stream = (
            _text(members, "metric_stream_name"),
            _text(members, "account_id"),
            _text(members, "region"),
        )
        if stream not in by_stream:
            outer = request.resource_metrics.add()
            outer.resource.attributes.extend(_resource(stream, around))
            by_stream[stream] = outer.scope_metrics.add()
        by_stream[stream].metrics.append(read)
    if by_stream:
        into.add(Signal.METRICS, request.SerializeToString())


def _resource(stream: tuple[str, str, str], around: Around) -> list[KeyValue]:
    name, account_id, region = stream
    where = f":cloudwatch:{region}:{account_id}:metric-stream/{name}"
    said = {
        "cloud.provider": "aws",
        "cloud.account.id": account_id,
        "cloud.region": region,
        "aws.exporter.arn": f"arn:{_partition(region)}{where}" if name else None,
    }
    return attributes(said, around.common)


def _partition(region: str) -> str:
    if region.startswith("cn-"):
        return "aws-cn"
    return "aws-us-gov" if region.startswith("us-gov-") else "aws"


def _metric(members: Members) -> Metric | str:
    """The metric of one datum, or the reason to reject it."""
    namespace, name = _text(members, "namespace"), _text(members, "metric_name")
    time_ms, values = members.get("timestamp"), members.get("value")
    if type(time_ms) is not int or not 0 < time_ms < _LAST_MS:
        return "invalid_time"
    if not isinstance(values, dict):
        return "no_value"
    count, total = _number(values, "count"), _number(values, "sum")
    if not name or count is None or total is None or not 0 <= count < 2**63:
        return "no_value"
    metric = Metric(name=f"amazonaws.com/{namespace}/{name}", unit=unit_of(_text(members, "unit")))
    point = metric.summary.data_points.add()
    point.start_time_unix_nano = time_ms * _NS_PER_MS
    point.time_unix_nano = time_ms * _NS_PER_MS + _PERIOD_NS
    point.count = int(count)
    point.sum = total
    for quantile, value in sorted(_quantiles(values)):
        point.quantile_values.add(quantile=quantile, value=value)
    point.attributes.append(attribute("Namespace", namespace))
    point.attributes.append(attribute("MetricName", name))
    if dimensions := _dimensions(members.get("dimensions")):
        nested = AnyValue(kvlist_value=KeyValueList(values=dimensions))
        point.attributes.append(KeyValue(key="Dimensions", value=nested))
    return metric


def _quantiles(values: Mapping[str, Any]) -> Iterator[tuple[float, float]]:
    """Minimum, percentiles and maximum; trimmed means and the like have no place in a Summary."""
    for key in values:
        number = _number(values, key)
        if number is None:
            continue
        if key in ("min", "max"):
            yield (0.0 if key == "min" else 1.0), number
        elif found := _PERCENTILE.fullmatch(key):
            yield round(float(found[1]) / 100, 12), number


def _dimensions(found: Any) -> list[KeyValue]:
    if not isinstance(found, dict):
        return []
    return [attribute(name, str(value)) for name, value in found.items()]


def unit_of(unit: str) -> str:
    """A CloudWatch unit as OTLP names it; one nobody knows stays as it is."""
    return "/".join(_UNITS.get(part.lower(), part) for part in unit.split("/"))


def _text(members: Members, name: str) -> str:
    value = members.get(name)
    return value if isinstance(value, str) else ""


def _number(values: Mapping[str, Any], name: str) -> float | None:
    value = values.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value)
