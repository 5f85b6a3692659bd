"""Metric streams of both formats become the same OTLP, with nothing lost on the way."""

import base64
import json
from typing import Any

import pytest
from google.protobuf.json_format import MessageToDict, ParseDict
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)

from collector.batch import Signal
from collector.decode.aws.delimited import read_delimited
from collector.decode.aws.metric_streams import read_data, read_messages, unit_of
from collector.decode.aws.origin import Around
from collector.decode.aws.translated import Translated
from tests.decode.aws.vectors import TIME_MS, TWO_METRICS, datum, delimited

RECORD = base64.b64decode(TWO_METRICS)
NOWHERE = Around()


def translated(*data: dict[str, Any], around: Around = NOWHERE) -> Translated:
    into = Translated()
    read_data(data, around, into)
    return into


def request_of(into: Translated) -> ExportMetricsServiceRequest:
    return ExportMetricsServiceRequest.FromString(into.bodies[Signal.METRICS])


def test_json_becomes_what_the_other_format_says_of_the_same_datum() -> None:
    """Name, unit, times, summary, dimensions and resource: the first message of the vector."""
    first = ExportMetricsServiceRequest.FromString(next(read_delimited(RECORD)))

    assert request_of(translated(datum())) == first


def test_all_messages_of_a_record_become_one_request() -> None:
    """Both of the vector, each with its own resource."""
    into = Translated()
    read_messages(RECORD, NOWHERE, into)
    names = [
        metric.name
        for outer in request_of(into).resource_metrics
        for inner in outer.scope_metrics
        for metric in inner.metrics
    ]

    assert names == [
        "amazonaws.com/AWS/Lambda/Throttles",
        "amazonaws.com/AWS/SQS/ApproximateAgeOfOldestMessage",
    ]
    assert not into.unreadable


def test_percentiles_stand_between_minimum_and_maximum() -> None:
    """Percentiles become quantiles in order; trimmed means are left out."""
    value = {"count": 2, "sum": 5, "max": 4, "min": 1, "p99.9": 3.5, "p50": 2, "TM(25%:75%)": 2}
    [outer] = request_of(translated(datum(value=value))).resource_metrics
    point = outer.scope_metrics[0].metrics[0].summary.data_points[0]

    assert [(each.quantile, each.value) for each in point.quantile_values] == [
        (0.0, 1),
        (0.5, 2),
        (0.999, 3.5),
        (1.0, 4),
    ]


def test_data_of_one_stream_share_a_resource() -> None:
    """Two metrics of one stream, one of another region."""
    found = request_of(translated(datum(), datum(metric_name="Errors"), datum(region="cn-north-1")))
    sizes = [len(outer.scope_metrics[0].metrics) for outer in found.resource_metrics]
    arns = [outer.resource.attributes[3].value.string_value for outer in found.resource_metrics]

    assert sizes == [2, 1]
    assert arns == [
        "arn:aws:cloudwatch:us-east-1:123456789012:metric-stream/fleet",
        "arn:aws-cn:cloudwatch:cn-north-1:123456789012:metric-stream/fleet",
    ]


def test_a_metric_of_the_whole_account_has_no_dimensions() -> None:
    """As in the other format, the attribute is left out."""
    [outer] = request_of(translated(datum(dimensions={}))).resource_metrics
    point = outer.scope_metrics[0].metrics[0].summary.data_points[0]

    assert [each.key for each in point.attributes] == ["Namespace", "MetricName"]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"timestamp": "yesterday"}, "invalid_time"),
        ({"timestamp": 10**30}, "invalid_time"),
        ({"timestamp": True}, "invalid_time"),
        ({"value": None}, "no_value"),
        ({"value": {"count": "many", "sum": 1}}, "no_value"),
        ({"value": {"count": -1, "sum": 1}}, "no_value"),
        ({"metric_name": 7}, "no_value"),
    ],
)
def test_a_datum_that_says_nothing_is_rejected_alone(changes: dict[str, Any], reason: str) -> None:
    """It is counted with the reason, and its neighbour is kept."""
    into = translated(datum(**changes), datum())

    assert into.rejected == {(Signal.METRICS, reason): 1}
    assert len(request_of(into).resource_metrics[0].scope_metrics[0].metrics) == 1


@pytest.mark.parametrize(
    ("unit", "otlp"),
    [
        ("Seconds", "s"),
        ("Count", "{Count}"),
        ("None", "1"),
        ("Percent", "%"),
        ("Bytes/Second", "By/s"),
        ("Count/Second", "{Count}/s"),
        ("Terabits", "Tbit"),
        ("NoneTranslated", "NoneTranslated"),
        ("", ""),
    ],
)
def test_units_are_those_of_the_other_format(unit: str, otlp: str) -> None:
    """By the table of the documentation; unknown ones stay."""
    assert unit_of(unit) == otlp


def test_common_attributes_fill_in_but_never_replace() -> None:
    """A region the record states stands; what it does not say is added."""
    into = Translated()
    read_messages(RECORD, Around(common={"env": "prod", "cloud.region": "mars"}), into)
    for outer in request_of(into).resource_metrics:
        said = {each.key: each.value.string_value for each in outer.resource.attributes}

        assert said["env"] == "prod"
        assert said["cloud.region"] == "us-east-1"


def test_the_old_format_is_refused_instead_of_losing_its_dimensions() -> None:
    """OTLP 0.7 has labels in field 1 of a point, where current readers find nothing."""
    request = ExportMetricsServiceRequest.FromString(next(read_delimited(RECORD)))
    point = request.resource_metrics[0].scope_metrics[0].metrics[0].summary.data_points[0]
    del point.attributes[:]
    label = b"\x0a\x0cFunctionName\x12\x06orders"
    old = type(point).FromString(b"\x0a" + bytes([len(label)]) + label + point.SerializeToString())
    point.CopyFrom(old)
    into = Translated()
    read_messages(delimited(request), NOWHERE, into)

    assert into.unreadable == {"opentelemetry_0_7": 1}
    assert not into.bodies


def test_a_message_that_is_no_request_costs_itself_only() -> None:
    """The lengths still lead to the next message."""
    good = ExportMetricsServiceRequest.FromString(next(read_delimited(RECORD)))
    into = Translated()
    read_messages(delimited(good) + b"\x03\xff\xff\xff" + delimited(good), NOWHERE, into)

    assert into.unreadable == {"bad_protobuf": 1}
    assert len(request_of(into).resource_metrics) == 2


def test_the_point_of_the_vector_is_the_documented_one() -> None:
    """Times are the bounds of the minute, quantile 0 with value 0 is an empty entry."""
    first = ExportMetricsServiceRequest.FromString(next(read_delimited(RECORD)))
    point = first.resource_metrics[0].scope_metrics[0].metrics[0].summary.data_points[0]
    documented = json.loads(
        """{"startTimeUnixNano":"1795186800000000000","timeUnixNano":"1795186860000000000",
        "count":"42","sum":3.0,"quantileValues":[{},{"quantile":1.0,"value":1.0}],"attributes":[
        {"key":"Namespace","value":{"stringValue":"AWS/Lambda"}},
        {"key":"MetricName","value":{"stringValue":"Throttles"}},
        {"key":"Dimensions","value":{"kvlistValue":{"values":[
        {"key":"FunctionName","value":{"stringValue":"orders-worker"}}]}}}]}"""
    )

    assert MessageToDict(point) == documented
    assert ParseDict(documented, type(point)()).start_time_unix_nano == TIME_MS * 1_000_000


def test_a_record_of_nothing_but_tiny_messages_is_given_up() -> None:
    """A million of three bytes each would take ten seconds."""
    into = Translated()
    read_messages(b"\x02\x0a\x00" * 1_000_000, NOWHERE, into)

    assert into.unreadable == {"too_many_messages": 1}
