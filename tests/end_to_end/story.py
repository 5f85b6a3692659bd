"""The known story every client tells, and what the JSON API must say about it afterwards.

A request fails because a card is declined: two spans, one log record, three metrics. The programs
under ``python/``, ``node/`` and ``go/`` send it with the SDK of their language.
"""

import json
import os
import subprocess
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests import build
from tests.end_to_end.serving import Server

LINKED_TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736"
LINKED_SPAN_ID = "00f067aa0ba902b7"
CART = {
    "cart.items": 3,
    "cart.total": 59.9,
    "cart.gift": True,
    "cart.skus": ["a-1", "b-2"],
    "cart.quantities": [1, 2],
}
METRICS = {"checkout.orders", "checkout.duration", "checkout.queue.depth"}


@dataclass(frozen=True, slots=True)
class Told:
    """One telling of the story: the ids by which it is found again."""

    order: str
    function: str
    trace_id: str
    root_span_id: str
    child_span_id: str


def tell(server: Server, program: Sequence[str | Path], *, protocol: str, **options: str) -> Told:
    """Runs a client program with OTEL_* variables, as a user sets up a function.

    ``options`` name OTEL_EXPORTER_OTLP_* variables. Returns when every answer of the server has it.
    """
    endpoint = server.grpc if protocol == "grpc" else server.http
    order = f"ord-{uuid.uuid4().hex[:12]}"
    function = f"checkout-{order}"
    environment = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint,
        "OTEL_SERVICE_NAME": function,
        "OTEL_RESOURCE_ATTRIBUTES": f"faas.name={function},cloud.provider=aws",
        "ORDER_ID": order,
        "LINKED_TRACE_ID": LINKED_TRACE_ID,
        "LINKED_SPAN_ID": LINKED_SPAN_ID,
        "OTEL_EXPORTER_OTLP_PROTOCOL": protocol,
        **{f"OTEL_EXPORTER_OTLP_{name.upper()}": value for name, value in options.items()},
    }
    ended = subprocess.run(
        program,
        env={**_plain_environment(), **environment},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert not ended.stderr.strip(), f"the client complained: {ended.stderr}"
    server.settle()
    return Told(order, function, **json.loads(ended.stdout.splitlines()[-1]))


def send_wide_trace(server: Server, spans: int) -> str:
    """One trace of a root and many short steps under it; returns its id."""
    trace_id, now_ns = os.urandom(16), time.time_ns()
    steps = [
        build.span(
            f"step {number}",
            trace_id=trace_id,
            id=os.urandom(8),
            start_ns=now_ns - (spans - number) * 1_000_000,
        )
        for number in range(spans)
    ]
    body = build.export_request(*build.trace(*steps, trace_id=trace_id)).SerializeToString()
    assert server.send("traces", body).status == 200
    server.settle()
    return trace_id.hex()


def _plain_environment() -> dict[str, str]:
    """Ours without what would set up an SDK, or its HTTP library, in another way than we say."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("OTEL_") and name not in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
    }


def assert_trace(server: Server, told: Told) -> None:
    """The trace is there as it was sent: attributes with their types, event, link, error."""
    trace = server.get(f"/api/v1/traces/{told.trace_id}")
    spans = {span["span_id"]: span for span in trace["spans"]}
    assert set(spans) == {told.root_span_id, told.child_span_id}
    root, child = spans[told.root_span_id], spans[told.child_span_id]
    assert (root["name"], root["kind"], root["parent_span_id"]) == (
        "POST /checkout",
        "server",
        None,
    )
    assert root["attributes"] == {"order_id": told.order, **CART}
    assert [(event["name"], event["attributes"]) for event in root["events"]] == [
        ("cart.validated", {"rules": 4})
    ]
    assert root["links"] == [
        {
            "trace_id": LINKED_TRACE_ID,
            "span_id": LINKED_SPAN_ID,
            "attributes": {"reason": "redelivery"},
            "direction": "outgoing",
        }
    ]
    assert (child["name"], child["kind"]) == ("charge card", "client")
    assert child["parent_span_id"] == told.root_span_id
    assert (child["status"], child["status_message"]) == ("error", "card declined")
    assert {span["function"] for span in spans.values()} == {told.function}
    assert all(0 <= span["duration_ms"] < 60_000 for span in spans.values())


def assert_log(server: Server, told: Told) -> None:
    """The log record is found by its words and stands with its span in the trace."""
    found = server.get("/api/v1/logs", q=told.order)["logs"]
    assert [_facts(record) for record in found] == [
        (f"card declined for {told.order}", "error", told.trace_id, told.child_span_id)
    ]
    assert found[0]["attributes"]["attempt"] == 1
    inline = server.get(f"/api/v1/traces/{told.trace_id}")["logs"]
    assert [_facts(record) for record in inline] == [_facts(record) for record in found]


def _facts(record: dict[str, Any]) -> tuple[str, str, str, str]:
    return record["body"], record["severity"], record["trace_id"], record["span_id"]


def assert_metrics(server: Server, told: Told) -> None:
    """The names of the metrics are listed, and each has the values of this client."""
    listed = {metric["name"] for metric in server.get("/api/v1/metrics")["metrics"]}
    assert listed >= METRICS
    for name in METRICS:
        answer = server.get(f"/api/v1/metrics/{name}", function=told.function)
        assert answer["series"], f"no series of {name} from {told.function}"


def assert_found(server: Server, told: Told) -> None:
    """Any id a person may hold leads to it."""
    for held in (told.trace_id, _xray(told.trace_id), told.order):
        assert server.get("/api/v1/lookup", id=held)["matches"], f"nothing is found by {held}"
    listed = server.get("/api/v1/traces", q=f"order_id={told.order}")["traces"]
    assert [(item["trace_id"], item["status"]) for item in listed] == [(told.trace_id, "error")]


def _xray(trace_id: str) -> str:
    return f"1-{trace_id[:8]}-{trace_id[8:]}"


def assert_all(server: Server, told: Told) -> None:
    """Everything above: what one client must be able to get back."""
    assert_trace(server, told)
    assert_log(server, told)
    assert_metrics(server, told)
    assert_found(server, told)
