"""How fast one event trace of a thousand spans is answered: as JSON, and as a page."""

import time
import uuid
from dataclasses import dataclass
from http.client import HTTPConnection
from random import Random
from typing import Final

import numpy as np
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from benchmarks.process import running

_HOPS: Final = 40
_SPANS_A_HOP: Final = 25
_MS: Final = 1_000_000
_PATIENCE_S: Final = 30


@dataclass(frozen=True, slots=True)
class Answers:
    """Milliseconds from request to last byte."""

    json_ms: list[float]
    page_ms: list[float]


def p95(taken: list[float]) -> float:
    return float(np.quantile(taken, 0.95))


def measure(times: int) -> Answers:
    """Sends one event of 40 invocations over queues and asks for it again and again."""
    with running("event-page") as server:
        _post(server.http_port, _event(Random(1)))
        web = HTTPConnection("127.0.0.1", server.web_port)
        event = _found(web)
        path = f"/event-traces/{event}"
        return Answers(
            [_timed(web, f"/api/v1{path}") for _ in range(times)],
            [_timed(web, f"/events/{event}") for _ in range(times)],
        )


def _event(random: Random) -> bytes:
    """A chain of invocations; each takes a message, works in 23 spans and sends the next."""
    request = ExportTraceServiceRequest()
    at_ns = time.time_ns() - 60_000 * _MS
    sent = None
    for hop in range(_HOPS):
        group = request.resource_spans.add()
        group.resource.attributes.add(key="faas.name").value.string_value = f"step-{hop % 8}"
        scope, trace, root = group.scope_spans.add(), random.randbytes(16), random.randbytes(8)
        for number in range(_SPANS_A_HOP):
            span = scope.spans.add(
                trace_id=trace,
                span_id=random.randbytes(8) if number else root,
                parent_span_id=root if number else b"",
                name="handle" if not number else f"query {number}",
                kind=(5 if sent else 2) if not number else 1,
                start_time_unix_nano=at_ns + number * _MS,
                end_time_unix_nano=at_ns + (40 if not number else number + 1) * _MS,
            )
            said = {"db.system.name": "postgresql", "db.query.text": "select * from orders"}
            if not number:
                said = {"faas.invocation_id": str(uuid.UUID(bytes=random.randbytes(16)))}
                if sent:
                    said |= {"messaging.message.id": sent, "messaging.destination.name": "steps"}
            if number == _SPANS_A_HOP - 1:
                sent = str(uuid.UUID(bytes=random.randbytes(16)))
                said = {"messaging.message.id": sent, "messaging.destination.name": "steps"}
                span.kind = 4
            for key, value in said.items():
                span.attributes.add(key=key).value.string_value = value
        at_ns += 100 * _MS
    return request.SerializeToString()


def _post(port: int, body: bytes) -> None:
    connection = HTTPConnection("127.0.0.1", port)
    connection.request("POST", "/v1/traces", body, {"Content-Type": "application/x-protobuf"})
    answer = connection.getresponse()
    assert answer.status == 200, answer.read()
    connection.close()


def _found(web: HTTPConnection) -> str:
    """The id of the event trace, once it is stitched."""
    deadline = time.monotonic() + _PATIENCE_S
    while time.monotonic() < deadline:
        text = _get(web, "/api/v1/event-traces").decode()
        if f'"invocation_count":{_HOPS}' in text.replace(" ", ""):
            return text.split('"event_trace_id":"')[1][:16]
        time.sleep(0.2)
    raise TimeoutError("the event was not stitched into one")


def _timed(web: HTTPConnection, path: str) -> float:
    began = time.perf_counter()
    _get(web, path)
    return (time.perf_counter() - began) * 1000


def _get(web: HTTPConnection, path: str) -> bytes:
    web.request("GET", path)
    answer = web.getresponse()
    body = answer.read()
    assert answer.status == 200, body[:500]
    return body
