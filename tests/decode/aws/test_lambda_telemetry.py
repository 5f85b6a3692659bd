"""Batches of the Telemetry API as OTLP logs."""

import json
from typing import Any

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.logs.v1.logs_pb2 import ResourceLogs

from collector.batch import Signal
from collector.decode.aws.lambda_telemetry import Environment, read_batch, time_of
from collector.errors import Malformed
from tests.decode.aws.vectors import STREAM

ENVIRONMENT = Environment("orders-worker", "17", STREAM, "eu-west-1", "123456789012")

# As Lambda sends them, spaces and all.
BATCH = """[
 {"time":"2026-11-20T15:00:11.501Z","type":"platform.initStart","record":{
  "initializationType":"on-demand","phase":"init","runtimeVersion":"python:3.13.v61",
  "functionName":"orders-worker","functionVersion":"17"}},
 {"time":"2026-11-20T15:00:12.052Z","type":"platform.start","record":{
  "requestId":"8f5e2c1a-0b6d-4d57-9a37-2f4b0d9d6c11","version":"17"}},
 {"time":"2026-11-20T15:00:12.100Z","type":"function","record":"[INFO] taking the order\\n"},
 {"time":"2026-11-20T15:00:12.200Z","type":"function","record":{
  "timestamp":"2026-11-20T15:00:12.200Z","level":"ERROR","message":"no stock"}},
 {"time":"2026-11-20T15:00:12.741Z","type":"platform.report","record":{
  "requestId":"8f5e2c1a-0b6d-4d57-9a37-2f4b0d9d6c11","metrics":{"durationMs":675.2,
  "billedDurationMs":1224,"memorySizeMB":512,"maxMemoryUsedMB":148,"initDurationMs":548.71}}}
]"""


def logs_of(batch: str, environment: Environment = ENVIRONMENT) -> ResourceLogs:
    body = read_batch(batch.encode(), environment).bodies[Signal.LOGS]
    [outer] = ExportLogsServiceRequest.FromString(body).resource_logs
    return outer


def said(outer: ResourceLogs) -> dict[str, str]:
    return {each.key: each.value.string_value for each in outer.resource.attributes}


def test_a_platform_event_is_the_line_that_the_json_log_format_writes() -> None:
    """Time, type and record in this order, every number as it was sent."""
    last = logs_of(BATCH).scope_logs[0].log_records[-1]

    assert last.body.string_value == (
        '{"time":"2026-11-20T15:00:12.741Z","type":"platform.report","record":{"requestId":'
        '"8f5e2c1a-0b6d-4d57-9a37-2f4b0d9d6c11","metrics":{"durationMs":675.2,'
        '"billedDurationMs":1224,"memorySizeMB":512,"maxMemoryUsedMB":148,'
        '"initDurationMs":548.71}}}'
    )
    assert last.time_unix_nano == 1_795_186_812_741_000_000
    assert last.attributes[0].value.string_value == "platform.report"


def test_lines_of_the_function_are_their_own_body() -> None:
    """Text without its newline, an object as JSON with the level it states."""
    records = logs_of(BATCH).scope_logs[0].log_records
    text, structured = records[2], records[3]

    assert (text.body.string_value, text.severity_number) == ("[INFO] taking the order", 0)
    assert json.loads(structured.body.string_value)["message"] == "no stock"
    assert (structured.severity_number, structured.severity_text) == (17, "ERROR")


def test_the_headers_name_the_environment() -> None:
    """As the resource of a log stream."""
    found = said(logs_of(BATCH))

    assert found["faas.name"] == "orders-worker"
    assert found["faas.version"] == "17"
    assert found["faas.instance"] == STREAM
    assert found["cloud.region"] == "eu-west-1"
    assert found["cloud.account.id"] == "123456789012"
    assert found["cloud.platform"] == "aws_lambda"


def test_the_batch_names_what_the_headers_do_not() -> None:
    """The function and its version, from the start of the environment."""
    found = said(logs_of(BATCH, Environment()))

    assert (found["faas.name"], found["faas.version"]) == ("orders-worker", "17")
    assert "faas.instance" not in found


def test_a_start_with_an_arn_names_the_function() -> None:
    """As on managed instances."""
    event = {
        "time": "2026-11-20T15:00:12.052Z",
        "type": "platform.start",
        "record": {
            "requestId": "r",
            "functionArn": "arn:aws:lambda:eu-west-1:123456789012:function:orders-worker:17",
        },
    }
    found = said(logs_of(json.dumps([event]), Environment()))

    assert found["faas.name"] == "orders-worker"
    assert (found["cloud.region"], found["cloud.account.id"]) == ("eu-west-1", "123456789012")


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        ({"type": "function", "record": "x"}, "invalid_time"),
        ({"time": "2026-13-45T00:00:00Z", "type": "function", "record": "x"}, "invalid_time"),
        ({"time": "2026-11-20T15:00:12Z", "record": "x"}, "not_an_event"),
        ({"time": "2026-11-20T15:00:12Z", "type": "function"}, "not_an_event"),
        ("function", "not_an_event"),
    ],
)
def test_an_event_that_is_none_is_rejected_alone(event: Any, reason: str) -> None:
    """With the reason; the others of the batch are kept."""
    good = {"time": "2026-11-20T15:00:12Z", "type": "function", "record": "kept"}
    found = read_batch(json.dumps([event, good]).encode(), ENVIRONMENT)

    assert found.rejected == {(Signal.LOGS, reason): 1}
    assert found.bodies


def test_an_object_too_deep_to_write_is_rejected_alone() -> None:
    """JSON of 900 arrays within each other can be read and not be written."""
    deep = "[" * 900 + "]" * 900
    batch = f'[{{"time":"2026-11-20T15:00:12Z","type":"function","record":{deep}}}]'

    assert read_batch(batch.encode(), ENVIRONMENT).rejected == {(Signal.LOGS, "too_deep"): 1}


@pytest.mark.parametrize("body", [b"", b"{}", b"null", b"[", b"[" * 10_000])
def test_a_body_that_is_no_batch_is_refused(body: bytes) -> None:
    """With what to send instead."""
    with pytest.raises(Malformed, match=r"Lambda|Telemetry API"):
        read_batch(body, ENVIRONMENT)


@pytest.mark.parametrize(
    ("text", "time_ns"),
    [
        ("2026-11-20T15:00:12.741Z", 1_795_186_812_741_000_000),
        ("2026-11-20T15:00:12Z", 1_795_186_812_000_000_000),
        ("2026-11-20T16:30:12.5+01:30", 1_795_186_812_500_000_000),
        ("2026-11-20T14:00:12.123456789-01:00", 1_795_186_812_123_456_789),
        ("1969-12-31T23:59:59Z", None),
        ("2026-11-20", None),
        (None, None),
    ],
)
def test_times_are_rfc_3339(text: str | None, time_ns: int | None) -> None:
    """With any number of digits and any offset."""
    assert time_of(text) == time_ns
