"""``/api/v1/functions`` and ``/api/v1/queues``: what senders sent over HTTP, as figures."""

import base64
from collections.abc import Iterator

import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from pydantic import TypeAdapter

from tests.build import NOW_NS, export_request, log, resource, span, span_id
from tests.web.serving import Web
from web.api.functions import FunctionList
from web.api.health_shapes import FunctionDetailJson
from web.api.queues import QueueList

S = 1_000_000_000
RANGE = {"since": "2026-11-20T15:00:00Z", "until": "2026-11-20T15:05:00Z"}
REQUEST = "8f5e2c1a-0b6d-4d57-9a37-2f4b0d9d6c11"
# Two delimited requests of a metric stream: 3 throttles of orders-worker, and a dead-letter queue
# whose oldest message is 5400 s old, both of the minute from 15:00.
RECORD = (
    "kQMKjgMKrwEKFwoOY2xvdWQucHJvdmlkZXISBQoDYXdzCiIKEGNsb3VkLmFjY291bnQuaWQSDgoMMTIzNDU2Nzg5MDEy"
    "ChsKDGNsb3VkLnJlZ2lvbhILCgl1cy1lYXN0LTEKUwoQYXdzLmV4cG9ydGVyLmFybhI/Cj1hcm46YXdzOmNsb3Vkd2F0"
    "Y2g6dXMtZWFzdC0xOjEyMzQ1Njc4OTAxMjptZXRyaWMtc3RyZWFtL2ZsZWV0EtkBEtYBCiJhbWF6b25hd3MuY29tL0FX"
    "Uy9MYW1iZGEvVGhyb3R0bGVzGgd7Q291bnR9WqYBCqMBEQBgeB/iyOkYGQC4vxfwyOkYISoAAAAAAAAAKQAAAAAAAAhA"
    "MgAyEgkAAAAAAADwPxEAAAAAAADwPzoZCglOYW1lc3BhY2USDAoKQVdTL0xhbWJkYToZCgpNZXRyaWNOYW1lEgsKCVRo"
    "cm90dGxlczoxCgpEaW1lbnNpb25zEiMyIQofCgxGdW5jdGlvbk5hbWUSDwoNb3JkZXJzLXdvcmtlcrADCq0DCq8BChcK"
    "DmNsb3VkLnByb3ZpZGVyEgUKA2F3cwoiChBjbG91ZC5hY2NvdW50LmlkEg4KDDEyMzQ1Njc4OTAxMgobCgxjbG91ZC5y"
    "ZWdpb24SCwoJdXMtZWFzdC0xClMKEGF3cy5leHBvcnRlci5hcm4SPwo9YXJuOmF3czpjbG91ZHdhdGNoOnVzLWVhc3Qt"
    "MToxMjM0NTY3ODkwMTI6bWV0cmljLXN0cmVhbS9mbGVldBL4ARL1AQozYW1hem9uYXdzLmNvbS9BV1MvU1FTL0FwcHJv"
    "eGltYXRlQWdlT2ZPbGRlc3RNZXNzYWdlGgFzWroBCrcBEQBgeB/iyOkYGQC4vxfwyOkYIQEAAAAAAAAAKQAAAAAAGLVA"
    "MgkRAAAAAAAYtUAyEgkAAAAAAADwPxEAAAAAABi1QDoWCglOYW1lc3BhY2USCQoHQVdTL1NRUzotCgpNZXRyaWNOYW1l"
    "Eh8KHUFwcHJveGltYXRlQWdlT2ZPbGRlc3RNZXNzYWdlOisKCkRpbWVuc2lvbnMSHTIbChkKCVF1ZXVlTmFtZRIMCgpv"
    "cmRlcnMtZGxx"
)


def stream_requests() -> Iterator[ExportMetricsServiceRequest]:
    """The requests of the record, each behind its length as a varint."""
    data = base64.b64decode(RECORD)
    while data:
        length = data[0] & 0x7F | (data[1] & 0x7F) << 7
        yield ExportMetricsServiceRequest.FromString(data[2 : 2 + length])
        data = data[2 + length :]


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """An invocation told of by its span and its REPORT, and two metrics of CloudWatch."""
    running = Web(tmp_path_factory.mktemp("functions"))
    of = resource(faas__instance="2026/11/20/[17]0f3c9d1e2b4a5968778695a4b3c2d1e0")
    running.send(
        export_request(
            span("orders", id=span_id(5), start_ns=NOW_NS + 5 * S, duration_ns=600_000_000,
                 attributes={"faas.invocation_id": REQUEST, "faas.trigger": "http"}),
            resource=of,
        ),
        export_request(
            log(f"START RequestId: {REQUEST} Version: 17", time_ns=NOW_NS + 5 * S),
            log(f"REPORT RequestId: {REQUEST}\tDuration: 675.20 ms\tBilled Duration: 1224 ms\t"
                "Memory Size: 512 MB\tMax Memory Used: 148 MB\tInit Duration: 548.71 ms\t",
                time_ns=NOW_NS + 6 * S),
            resource=of,
        ),
        *stream_requests(),
    )  # fmt: skip
    assert running.service.deriver.wait_reached(60)
    yield running
    running.stop()


def test_a_function_has_every_figure_that_is_known(web: Web) -> None:
    """From span and report together; what no source tells is null."""
    answer = web.get("/functions", **RANGE)
    rows = {each["function"]: each for each in answer["functions"]}
    row = rows["orders"]

    TypeAdapter(FunctionList).validate_python(answer, strict=True)
    assert (row["invocations"], row["cold_starts"], row["cold_start_coverage"]) == (1, 1, 1.0)
    assert row["init_p50_ms"] == pytest.approx(548.71, rel=0.01)
    assert row["duration_p99_ms"] == pytest.approx(675.2, rel=0.01)
    assert (row["memory_mb"], row["max_memory_used_mb"], row["max_concurrency"]) == (512, 148, 1)
    assert (row["throttles"], row["iterator_age_ms"]) == (None, None)
    assert row["cost_usd"] == row["cost_per_success_usd"] == pytest.approx(0.0000104000204)


def test_a_function_only_metrics_tell_of_is_listed(web: Web) -> None:
    """Three throttles and not a single invocation that ran: rate 1, everything else unknown."""
    rows = {each["function"]: each for each in web.get("/functions", **RANGE)["functions"]}
    row = rows["orders-worker"]

    assert (row["throttles"], row["throttle_rate"], row["evidence"]) == (3.0, 1.0, "metrics")
    assert (row["cold_starts"], row["duration_p50_ms"], row["max_concurrency"]) == (None,) * 3


def test_one_function_over_time(web: Web) -> None:
    """Its series, versions and error types; a step without anything is not there."""
    answer = web.get("/functions/orders", **RANGE)

    TypeAdapter(FunctionDetailJson).validate_python(answer, strict=True)
    assert [(each["time"], each["invocations"]) for each in answer["series"]] == [
        ("2026-11-20T15:00:00Z", 1)
    ]
    assert [(each["version"], each["cold_starts"]) for each in answer["versions"]] == [("17", 1)]
    assert answer["error_types"] == []


def test_a_dead_letter_queue_tells_its_age(web: Web) -> None:
    """5400 s since it entered; by its name it is that of ``orders``; its depth was not told."""
    answer = web.get("/queues", **RANGE)
    [row] = answer["queues"]

    TypeAdapter(QueueList).validate_python(answer, strict=True)
    assert (row["queue"], row["is_dlq"], row["source_queue"]) == ("orders-dlq", True, "orders")
    assert (row["oldest_age_s"], row["depth"], row["evidence"]) == (5400.0, None, "metrics")
