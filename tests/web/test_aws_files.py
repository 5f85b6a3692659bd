"""Files of AWS read for the import: what each becomes, and what is said of those that are none."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.proto.logs.v1.logs_pb2 import ResourceLogs

from collector.batch import Signal
from collector.decode.wire import REQUESTS
from collector.errors import Malformed
from tests.build import export_request, log
from tests.decode.aws.test_lambda_telemetry import BATCH
from tests.decode.aws.vectors import (
    CONTROL,
    START,
    START_LINE,
    STREAM,
    TIME_MS,
    TWO_METRICS,
    datum,
    delimited,
    delivery,
    packed,
    subscription,
)
from web import otlp_files
from web.aws_files import AwsFile

GROUP = "/aws/lambda/orders-worker"


def read(path: Path, content: bytes | str, **said: Any) -> list[tuple[Signal, Any]]:
    """The messages that a file with this content becomes."""
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    found = otlp_files.read(path, None, AwsFile(path, **said))
    return [(signal, REQUESTS[signal].FromString(body)) for signal, body in found]


def bodies(found: list[tuple[Signal, Any]]) -> list[str]:
    """All log lines in order."""
    return [record.body.string_value for outer in logs(found) for record in lines_of(outer)]


def logs(found: list[tuple[Signal, Any]]) -> list[ResourceLogs]:
    return [
        outer for signal, each in found if signal is Signal.LOGS for outer in each.resource_logs
    ]


def lines_of(outer: ResourceLogs) -> list[Any]:
    return list(outer.scope_logs[0].log_records)


def named(outer: ResourceLogs, key: str) -> str:
    [value] = [each.value for each in outer.resource.attributes if each.key == key]
    return value.string_value or value.array_value.values[0].string_value


def test_a_firehose_request_becomes_what_the_port_makes_of_it(tmp_path: Path) -> None:
    """Metrics and logs of a saved body."""
    found = read(tmp_path / "body.json", delivery([TWO_METRICS, START_LINE]))

    assert [signal for signal, _ in found] == [Signal.METRICS, Signal.LOGS]
    assert len(found[0][1].resource_metrics) == 2
    assert bodies(found)[0].startswith("START RequestId")


def test_what_firehose_could_not_deliver_is_read_from_its_bucket(tmp_path: Path) -> None:
    """A line for each record, its data in base64."""
    text = "\n".join(
        json.dumps({"attemptsMade": 4, "errorCode": "HttpEndpoint.Unavailable", "rawData": each})
        for each in (TWO_METRICS, START_LINE)
    )

    assert len(read(tmp_path / "failed", text)) == 2


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_records_in_a_bucket_are_read_one_after_the_other(tmp_path: Path, pack: Any) -> None:
    """Compressed members of several objects each, and the whole compressed once more."""
    content = packed(subscription("a\n"), subscription("b")) + packed(CONTROL, subscription("c"))
    found = read(tmp_path / "bucket.gz", pack(content))

    assert bodies(found) == ["a", "b", "c"]


def test_a_bucket_file_of_many_records_is_read_whole(tmp_path: Path) -> None:
    """Three thousand of them, each compressed, the file once more."""
    records = b"".join(packed(subscription(str(index))) for index in range(3000))

    assert len(bodies(read(tmp_path / "bucket.gz", gzip.compress(records)))) == 3000


def test_a_metric_stream_in_json_is_read_a_datum_a_line(tmp_path: Path) -> None:
    """Joined to one export, not one for each."""
    text = "\n".join(json.dumps(datum(metric_name=f"M{index}")) for index in range(50))
    [(signal, request)] = read(tmp_path / "metrics.json", text)

    assert signal is Signal.METRICS
    assert len(request.resource_metrics) == 50


def test_an_export_task_file_is_read_by_its_folder_and_group(tmp_path: Path) -> None:
    """Lines without a time belong to the event before; the folder names the stream."""
    folder = tmp_path / STREAM.replace("/", "-")
    folder.mkdir()
    text = (
        f"2026-11-20T15:00:00.000Z {START}"
        "2026-11-20T15:00:01.500Z [ERROR] KeyError: 'id'\n"
        "Traceback (most recent call last):\n"
        '  File "/var/task/app.py"\n'
    )
    found = read(folder / "000000.gz", gzip.compress(text.encode()), log_group=GROUP)
    [outer] = logs(found)

    assert bodies(found)[1].endswith('File "/var/task/app.py"')
    assert lines_of(outer)[1].time_unix_nano == (TIME_MS + 1500) * 1_000_000
    assert (named(outer, "faas.name"), named(outer, "faas.instance")) == ("orders-worker", STREAM)


def test_what_the_command_line_tails_is_read_with_its_streams(tmp_path: Path) -> None:
    """Each line names its stream."""
    other = STREAM.replace("17", "18", 1)
    text = (
        f"2026-11-20T15:00:00.000000+00:00 {STREAM} one\n"
        f"2026-11-20T15:00:01.000000+00:00 {other} two\n"
    )
    found = read(tmp_path / "tail.txt", text, log_group=GROUP)

    assert [named(outer, "faas.version") for outer in logs(found)] == ["17", "18"]
    assert bodies(found) == ["one", "two"]


def test_filtered_events_are_read_by_stream(tmp_path: Path) -> None:
    """As ``aws logs filter-log-events`` prints them, over many lines."""
    events = {
        "events": [
            {"logStreamName": STREAM, "timestamp": TIME_MS, "message": START, "eventId": "1"},
            {"logStreamName": STREAM, "timestamp": TIME_MS + 1, "message": "x", "eventId": "2"},
        ],
        "searchedLogStreams": [],
    }
    found = read(tmp_path / "e.json", json.dumps(events, indent=4), log_group=GROUP, region="eu-1")
    [outer] = logs(found)

    assert len(lines_of(outer)) == 2
    assert named(outer, "cloud.region") == "eu-1"


def test_a_telemetry_batch_is_read(tmp_path: Path) -> None:
    """As Lambda sends it."""
    assert len(bodies(read(tmp_path / "batch.json", BATCH))) == 5


def test_lines_of_a_log_need_the_name_of_their_group(tmp_path: Path) -> None:
    """They do not say it, so the message asks for it."""
    with pytest.raises(Malformed, match="--log-group"):
        read(tmp_path / "log.txt", f"2026-11-20T15:00:00.000Z {START}")


def test_what_cannot_be_read_is_counted(tmp_path: Path) -> None:
    """By reason; the rest of the file is read."""
    path = tmp_path / "body.json"
    path.write_bytes(delivery(["***", START_LINE, b"{}"]))
    aws = AwsFile(path)

    assert len(list(otlp_files.read(path, None, aws))) == 1
    assert aws.skipped == {"bad_base64": 1, "unknown_record": 1}


def test_delimited_otlp_that_begins_like_json_is_otlp(tmp_path: Path) -> None:
    """A message of 123 bytes has a brace for its length."""
    request = export_request(log("x"))
    record = request.resource_logs[0].scope_logs[0].log_records[0]
    while len(request.SerializeToString()) < 123:
        record.body.string_value += "x"
    assert delimited(request)[:1] == b"{"  # type: ignore[arg-type]

    [(signal, found)] = read(tmp_path / "logs.pb", delimited(request))  # type: ignore[arg-type]
    assert signal is Signal.LOGS
    assert found == request


@pytest.mark.parametrize(
    "content",
    [
        '{"hello": 1}',
        '{"records": [{"operationName": 1}]}',
        "[1]",
        gzip.compress(b"{}" * 99, mtime=0)[:-9],
        "{",
    ],
    ids=["no record", "a foreign record", "a list", "cut gzip", "cut JSON"],
)
def test_a_file_that_is_nothing_of_it_is_named(tmp_path: Path, content: bytes | str) -> None:
    """In one sentence with its path."""
    with pytest.raises(Malformed, match=r"odd\.json"):
        read(tmp_path / "odd.json", content)
