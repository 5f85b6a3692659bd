"""What platforms' spans and REPORT lines leave unsaid, told by other means, from sender to page."""

import base64
import gzip
import html
import http.client
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from tests.build import NOW_NS, event, export_request, log, resource, span, span_id
from tests.web.serving import Web

MS = 10**6
NOW_MS = NOW_NS // MS
RANGE = {"since": "2026-11-20T15:00:00Z", "until": "2026-11-20T15:05:00Z"}
REQUESTS = ("8f5e2c1a-0b6d-4d57-9a37-2f4b0d9d6c11", "0a1b2c3d-1111-4222-8333-444455556666")
GRAVEYARD = "arn:aws:sqs:us-east-1:123456789012:graveyard"


def deliver(web: Web, request_id: str, *records: bytes) -> None:
    """A Firehose delivery of these records."""
    body = {
        "requestId": request_id, "timestamp": NOW_MS,
        "records": [{"data": base64.b64encode(each).decode()} for each in records],
    }  # fmt: skip
    headers = {
        "Content-Type": "application/json", "X-Amz-Firehose-Request-Id": request_id,
        "X-Amz-Firehose-Protocol-Version": "1.0",
    }  # fmt: skip
    connection = http.client.HTTPConnection(urlsplit(web.service.endpoints.http).netloc, timeout=30)
    connection.request("POST", "/firehose", json.dumps(body), headers)
    answer = connection.getresponse()
    assert answer.status == 200, answer.read()
    answer.read()
    connection.close()


def subscription(*messages: dict[str, Any]) -> bytes:
    """What a log subscription of the function billing delivers."""
    lines = [
        {"id": f"{number:056d}", "timestamp": NOW_MS + 100 + number, "message": json.dumps(each)}
        for number, each in enumerate(messages)
    ]
    envelope = {
        "messageType": "DATA_MESSAGE", "owner": "123456789012", "logGroup": "/aws/lambda/billing",
        "logStream": "2026/11/20/[17]5f1d2c3b4a5968778695a4b3c2d1e0f9",
        "subscriptionFilters": ["all"], "logEvents": lines,
    }  # fmt: skip
    return gzip.compress(json.dumps(envelope).encode())


def streamed(namespace: str, name: str, total: float, minute: int = 0, **dimensions: str) -> bytes:
    """A datum of a metric stream in JSON, of a minute from 15:00 on."""
    datum = {
        "metric_stream_name": "fleet", "account_id": "123456789012", "region": "us-east-1",
        "namespace": namespace, "metric_name": name, "dimensions": dimensions,
        "timestamp": NOW_MS + minute * 60_000, "unit": "Count",
        "value": {"count": 1.0, "sum": total, "min": total, "max": total},
    }  # fmt: skip
    return json.dumps(datum).encode() + b"\n"


def logged(number: int, **said: Any) -> dict[str, Any]:
    """A line of Powertools' logger."""
    return {"level": "INFO", "service": "billing", "function_request_id": REQUESTS[number]} | said


EMF = {
    "_aws": {
        "Timestamp": NOW_MS + 500,
        "CloudWatchMetrics": [
            {
                "Namespace": "Shop",
                "Dimensions": [["service"], ["service", "currency"]],
                "Metrics": [{"Name": "Billed", "Unit": "Count"}],
            }
        ],
    },
    "service": "billing",
    "currency": "EUR",
    "Billed": [3, 4.5],
}
CLOUDTRAIL = {
    "eventName": "CreateQueue",
    "requestParameters": {
        "queueName": "orders",
        "attributes": {"RedrivePolicy": json.dumps({"deadLetterTargetArn": GRAVEYARD})},
    },
}


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """Two invocations of billing and a throttled call of it; metrics of ledger and a queue."""
    running = Web(tmp_path_factory.mktemp("otherwise"))
    invoked = [
        span("billing", id=span_id(5 + number), start_ns=NOW_NS + number * 1000 * MS,
             duration_ns=600 * MS, kind=Span.SPAN_KIND_SERVER,
             attributes={"faas.invocation_id": REQUESTS[number]})
        for number in (0, 1)
    ]  # fmt: skip
    refused = span(
        "Lambda.Invoke", id=span_id(9), start_ns=NOW_NS + 3000 * MS, duration_ns=2000 * MS,
        kind=Span.SPAN_KIND_CLIENT,
        attributes={"faas.invoked_name": "billing", "retry_attempts": 4, "rpc.method": "Invoke"},
        status=Status(code=Status.STATUS_CODE_ERROR, message="Rate Exceeded."),
        events=[event("exception", **{
            "exception.type": "botocore.errorfactory.TooManyRequestsException"
        })],
    )  # fmt: skip
    running.send(
        export_request(*invoked, resource=resource(faas__name="billing")),
        export_request(refused, resource=resource(faas__name="front")),
        export_request(log(json.dumps(CLOUDTRAIL)), resource=resource(faas__name="trail")),
    )
    failed = [{"itemIdentifier": "m-1"}, {"itemIdentifier": "m-2"}]
    deliver(
        running,
        "logs",
        subscription(
            logged(0, message="begun", cold_start=True),
            logged(1, message="begun", cold_start=False),
            logged(1, message={"batchItemFailures": failed}),
            EMF,
        ),
    )
    source = {"EventSourceMappingUUID": "u-1", "FunctionName": "ledger"}
    deliver(
        running,
        "metrics",
        streamed("AWS/Lambda", "Invocations", 9, FunctionName="ledger"),
        streamed("AWS/Lambda", "Invocations", 5, minute=1, FunctionName="ledger"),
        streamed("AWS/Lambda", "Errors", 0, FunctionName="ledger"),
        streamed("AWS/Lambda", "FailedInvokeEventCount", 4, **source),
        streamed("AWS/SQS", "ApproximateNumberOfMessagesVisible", 7, QueueName="graveyard"),
    )
    running.settle()
    yield running
    running.stop()


def test_functions_have_what_logs_callers_and_event_sources_tell(web: Web) -> None:
    """One of two starts cold; one call of three throttled; two messages handed back, and four."""
    rows = {each["function"]: each for each in web.get("/functions", **RANGE)["functions"]}
    row, other = rows["billing"], rows["ledger"]

    assert (row["invocations"], row["cold_starts"], row["cold_start_coverage"]) == (2, 1, 1.0)
    assert (row["throttles"], row["throttle_evidence"]) == (1, "callers")
    assert row["throttle_rate"] == pytest.approx(1 / 3)
    assert (row["partial_batch_failures"], row["partial_batch_evidence"]) == (2, "logs")
    assert (other["partial_batch_failures"], other["partial_batch_evidence"]) == (4, "metrics")
    assert (other["throttles"], other["throttle_evidence"]) == (None, None)
    errors = web.get("/functions/billing", **RANGE)["error_types"]
    assert [(each["outcome"], each["count"]) for each in errors] == [("throttled", 1)]


def test_a_metric_in_a_log_line_is_a_metric(web: Web) -> None:
    """Two samples, 7.5 together, told twice: by service alone and with the currency."""
    told = {each["name"]: each for each in web.get("/metrics", **RANGE)["metrics"]}
    found = web.get("/metrics/Shop%2FBilled", **RANGE, by="currency")

    assert (told["Shop/Billed"]["unit"], told["Shop/Billed"]["point_count"]) == ("{Count}", 2)
    points = {each["label"]: each["points"] for each in found["series"]}
    assert points.keys() == {"", "EUR"}
    for (point,) in points.values():
        assert (point["count"], point["sum"], point["least"], point["most"]) == (2, 7.5, 3, 4.5)


def test_a_summary_of_cloudwatch_counts_in_its_own_period(web: Web) -> None:
    """Nine in one minute and five in the next are nine and five, not nine and four fewer."""
    name = "amazonaws.com/AWS/Lambda/Invocations"
    answer = web.get(f"/metrics/{name}", **RANGE, buckets=5)
    [series] = answer["series"]

    assert answer["temporality"] == "delta"
    assert [(each["time"][11:16], each["sum"]) for each in series["points"]] == [
        ("15:01", 9.0), ("15:02", 5.0)
    ]  # fmt: skip


def test_a_queue_is_known_to_hold_dead_letters_by_its_policy(web: Web) -> None:
    """Nothing in its name says so."""
    [row] = web.get("/queues", **RANGE)["queues"]

    assert (row["queue"], row["is_dlq"], row["source_queue"]) == ("graveyard", True, "orders")
    assert (row["source_evidence"], row["depth"], row["depth_evidence"]) == (
        "redrive policy", 7, "metrics"
    )  # fmt: skip


@pytest.mark.parametrize(
    ("path", "texts"),
    [
        ("/functions/billing", ["at least 1", "Handed back", "by logs", "throttled: botocore"]),
        ("/functions", ["at least 1"]),
        ("/queues", ["the dead-letter queue of orders, told by its redrive policy"]),
    ],
)
def test_pages_say_what_is_told_and_by_what(web: Web, path: str, texts: list[str]) -> None:
    """As the API has it."""
    answer = web.client.get(path, params=RANGE)

    assert answer.status_code == 200
    for text in texts:
        assert text in html.unescape(answer.text)
