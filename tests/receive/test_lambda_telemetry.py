"""Telemetry API batches through the port."""

import gzip
import json
from collections.abc import Mapping

import pytest

from collector.batch import Signal
from tests.decode.aws.test_lambda_telemetry import BATCH
from tests.decode.aws.vectors import STREAM
from tests.receive.conftest import JSON, Answer, Collector, Start
from web import ledger

HEADERS = JSON | {
    "Lambda-Function-Name": "orders-worker",
    "Lambda-Function-Version": "17",
    "Lambda-Log-Stream": STREAM,
    "Lambda-Region": "eu-west-1",
    "Lambda-Account-Id": "123456789012",
}


def forward(
    collector: Collector, batch: str | bytes, headers: Mapping[str, str] = HEADERS
) -> Answer:
    return collector.request("POST", "/lambda/telemetry", batch, headers)


def test_a_batch_is_stored_as_logs_of_its_environment(collector: Collector) -> None:
    """Sent twice, it counts once; the answer is that of OTLP/JSON."""
    answers = [forward(collector, BATCH), forward(collector, BATCH)]
    rows = collector.rows(
        "select log_records.function, version, instance, platform, region, account_id, count(*) "
        "from log_records join resources using (resource_id) group by all"
    )

    assert [(answer.status, answer.body) for answer in answers] == [(200, b"{}")] * 2
    assert rows == [("orders-worker", "17", STREAM, "aws_lambda", "eu-west-1", "123456789012", 5)]


def test_a_batch_names_its_function_where_no_header_does(start: Start) -> None:
    """From the start of the environment; compressed, as a thrifty extension sends it."""
    collector = start()
    body = gzip.compress(BATCH.encode())

    assert forward(collector, body, JSON | {"Content-Encoding": "gzip"}).status == 200
    assert collector.rows("select distinct function from log_records") == [("orders-worker",)]


def test_events_that_are_none_are_counted_and_told(start: Start) -> None:
    """Partial success, and received = stored + rejected + duplicate + waiting."""
    collector = start()
    events = [*json.loads(BATCH), {"type": "function", "record": "when?"}, 7]
    answer = forward(collector, json.dumps(events))
    assert collector.count("log_records") == 5
    found = ledger.read(collector.service)[Signal.LOGS]

    assert answer.status == 200
    assert json.loads(answer.body)["partialSuccess"]["rejectedLogRecords"] == "2"
    assert (found.received, found.stored, found.waiting) == (7, 5, 0)
    assert dict(found.rejected) == {"invalid_time": 1, "not_an_event": 1}
    assert collector.outcomes("lambda telemetry", Signal.LOGS) == {"partial": 1}


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"", 400), (b"{}", 400), (b"[" * 100_000, 400), (b"[" + b"{}," * 2_100_000, 413)],
)
def test_a_body_that_is_no_batch_is_refused(collector: Collector, body: bytes, status: int) -> None:
    """The extension is told what is wrong and that sending it again is of no use."""
    answer = forward(collector, body)

    assert answer.status == status
    assert json.loads(answer.body)["message"]


def test_a_token_is_demanded_like_anywhere(start: Start) -> None:
    """As a bearer token."""
    collector = start()
    token = collector.service.access.new_token("extension")

    assert forward(collector, BATCH).status == 401
    assert forward(collector, BATCH, HEADERS | {"Authorization": f"Bearer {token}"}).status == 200
