"""Log subscriptions as OTLP logs: whose they are, when, and what they say."""

from typing import Any

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.logs.v1.logs_pb2 import ResourceLogs

from collector.batch import Signal
from collector.decode.aws.cloudwatch_logs import read_logs
from collector.decode.aws.origin import Around
from collector.decode.aws.translated import Translated
from tests.decode.aws.vectors import CONTROL, REPORT, START, STREAM, TIME_MS, subscription


def translated(members: dict[str, Any], around: Around) -> Translated:
    into = Translated()
    read_logs(members, around, into)
    return into


def logs_of(members: dict[str, Any], around: Around = Around("us-east-1")) -> ResourceLogs:  # noqa: B008 - frozen
    body = translated(members, around).bodies[Signal.LOGS]
    [outer] = ExportLogsServiceRequest.FromString(body).resource_logs
    return outer


def said(outer: ResourceLogs) -> dict[str, Any]:
    return {
        each.key: each.value.string_value
        or [one.string_value for one in each.value.array_value.values]
        for each in outer.resource.attributes
    }


def test_a_lambda_log_group_names_its_function() -> None:
    """Function, version and environment come from the names of the group and the stream."""
    assert said(logs_of(subscription(START), Around("us-east-1", {"env": "prod"}))) == {
        "cloud.provider": "aws",
        "cloud.platform": "aws_lambda",
        "cloud.account.id": "123456789012",
        "cloud.region": "us-east-1",
        "aws.log.group.names": ["/aws/lambda/orders-worker"],
        "aws.log.stream.names": [STREAM],
        "faas.name": "orders-worker",
        "faas.version": "17",
        "faas.instance": STREAM,
        "env": "prod",
    }


@pytest.mark.parametrize("group", ["/shop", "/aws/lambda/shared"])
def test_a_group_that_functions_share_names_them_by_stream(group: str) -> None:
    """Such a stream has the function's name before its version, whatever the group is called."""
    stream = "2026/11/20/payment[$LATEST]5f1d2c3b4a5968778695a4b3c2d1e0f9"
    found = said(logs_of(subscription(START, logGroup=group, logStream=stream)))

    assert (found["faas.name"], found["faas.version"]) == ("payment", "$LATEST")
    assert (found["cloud.platform"], found["faas.instance"]) == ("aws_lambda", stream)


def test_logs_of_anything_else_name_no_function() -> None:
    """API Gateway's access logs are kept with their group and no platform."""
    found = said(logs_of(subscription("GET /", logGroup="/apigw/shop", logStream="shop-1")))

    assert found["aws.log.group.names"] == ["/apigw/shop"]
    assert not {"faas.name", "faas.instance", "cloud.platform"} & found.keys()


def test_an_event_is_a_line_at_its_time() -> None:
    """Tabs stay, the newline at the end goes; severity is unknown."""
    records = logs_of(subscription(START, REPORT)).scope_logs[0].log_records

    assert [record.body.string_value for record in records] == [
        START.removesuffix("\n"),
        REPORT.removesuffix("\n"),
    ]
    assert [record.time_unix_nano for record in records] == [
        TIME_MS * 1_000_000,
        (TIME_MS + 1000) * 1_000_000,
    ]
    assert {record.severity_number for record in records} == {0}


@pytest.mark.parametrize(
    ("line", "number"),
    [
        ('{"timestamp":"2026-11-20T15:00:12Z","level":"ERROR","message":"no stock"}', 17),
        ('{"level":"warn"}', 13),
        ('{"level":"loud"}', 0),
        ('{"level":30}', 0),
        ("[ERROR] KeyError: 'id'", 0),
    ],
)
def test_severity_is_what_a_structured_line_states(line: str, number: int) -> None:
    """Only the level of a JSON line is a statement."""
    [record] = logs_of(subscription(line)).scope_logs[0].log_records

    assert record.severity_number == number


def test_a_control_message_holds_nothing() -> None:
    """CloudWatch Logs only asks whether anyone is there."""
    into = translated(CONTROL, Around())

    assert not into.bodies
    assert not into.unreadable
    assert not into.rejected


@pytest.mark.parametrize("time", [None, "2026", -5, 2**70, 1.5, True])
def test_an_event_without_a_time_is_rejected_alone(time: object) -> None:
    """Its neighbour is kept."""
    members = subscription("one", "two")
    members["logEvents"][0]["timestamp"] = time
    into = translated(members, Around())

    assert into.rejected == {(Signal.LOGS, "invalid_time"): 1}
    assert into.bodies.keys() == {Signal.LOGS}
