"""The OTLP/HTTP port as its clients and its enemies see it."""

import contextlib
import gzip
import json
import random
import time
import zlib
from collections.abc import Callable

import pytest
from google.rpc.status_pb2 import Status
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from collector.batch import Signal
from collector.receive.decompress import zstd
from tests.build import counter, export_request, log, point, span
from tests.receive.conftest import JSON, PROTOBUF, Collector, Start, until

NOTHING = '{"resourceSpans":[]}'


def spans(count: int = 2) -> bytes:
    """An export of spans nobody has sent before."""
    return export_request(*(span() for _ in range(count))).SerializeToString()


def refused(count: int = 1) -> bytes:
    """An export whose last ``count`` spans are refused: they have no trace id."""
    bad = [span(trace_id=b"") for _ in range(count)]
    return export_request(span(), *bad).SerializeToString()


def test_every_signal_is_stored_before_its_answer(collector: Collector) -> None:
    """A 200 with an empty body means that all records can be read back."""
    before = [collector.count(table) for table in ("spans", "metric_points", "log_records")]
    exports = {
        Signal.TRACES: export_request(span()),
        Signal.METRICS: export_request(counter("calls", point(7))),
        Signal.LOGS: export_request(log("started")),
    }
    answers = [collector.post(signal, e.SerializeToString()) for signal, e in exports.items()]

    assert [(answer.status, answer.body) for answer in answers] == [(200, b"")] * 3
    assert {answer.headers["content-type"] for answer in answers} == {"application/x-protobuf"}
    after = [collector.count(table) for table in ("spans", "metric_points", "log_records")]
    assert after == [count + 1 for count in before]


def test_json_is_answered_in_json(collector: Collector) -> None:
    """Full success in JSON is an empty object, also when the type has parameters."""
    body = (
        '{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"6b006070c0ffee001122334455667799",'
        '"spanId":"a1b2c3d4e5f60718","name":"json","startTimeUnixNano":"1795186812345000000",'
        '"endTimeUnixNano":1795186813020000000}]}]}]}'
    )
    answer = collector.post(
        Signal.TRACES, body, {"Content-Type": "Application/JSON; charset=utf-8"}
    )

    assert (answer.status, answer.body) == (200, b"{}")
    assert answer.headers["content-type"] == "application/json"
    assert collector.rows("select count(*) from spans where name = 'json'") == [(1,)]


@pytest.mark.parametrize(("body", "headers"), [(b"", PROTOBUF), (NOTHING, JSON), ("{}", JSON)])
def test_an_export_of_nothing_succeeds(
    collector: Collector, body: str, headers: dict[str, str]
) -> None:
    """An empty request is no error."""
    assert collector.post(Signal.TRACES, body, headers).status == 200


def test_partial_success_is_told_in_protobuf(collector: Collector) -> None:
    """Good records are kept; the answer counts the others and says why."""
    before = collector.count("spans")
    answer = collector.post(Signal.TRACES, refused(2))

    response = ExportTraceServiceResponse.FromString(answer.body)
    assert answer.status == 200
    assert response.partial_success.rejected_spans == 2
    assert "2" in response.partial_success.error_message
    assert collector.count("spans") == before + 1


def test_partial_success_is_told_in_json(collector: Collector) -> None:
    """The count is a string, as proto3 JSON writes 64-bit integers."""
    short = {"traceId": "6b00", "spanId": "a1b2c3d4e5f60718", "name": "short"}
    body = json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": [short]}]}]})
    answer = collector.post(Signal.TRACES, body, JSON)

    partial = json.loads(answer.body)["partialSuccess"]
    assert answer.status == 200
    assert partial["rejectedSpans"] == "1"
    assert partial["errorMessage"]


PACKED: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "zstd": zstd.compress,
    "deflate": zlib.compress,
    "identity": bytes,
    "gzip, zstd": lambda body: zstd.compress(gzip.compress(body)),
}


@pytest.mark.parametrize("encoding", PACKED)
def test_encodings_are_undone(collector: Collector, encoding: str) -> None:
    """Every encoding ends in the same rows; stacked ones are undone from the last."""
    before = collector.count("spans")
    headers = {**PROTOBUF, "Content-Encoding": encoding}
    answer = collector.post(Signal.TRACES, PACKED[encoding](spans(3)), headers)

    assert answer.status == 200
    assert collector.count("spans") == before + 3


def test_a_chunked_body_is_read(collector: Collector) -> None:
    """Senders that do not know the length send chunks."""
    before = collector.count("spans")
    body = spans(40)
    chunks = (body[at : at + 1000] for at in range(0, len(body), 1000))
    answer = collector.post(Signal.TRACES, chunks, encode_chunked=True)

    assert answer.status == 200
    assert collector.count("spans") == before + 40


REFUSALS = {
    "garbage": (b"\xff\xff\xff", PROTOBUF, 400),
    "truncated protobuf": (spans()[:-7], PROTOBUF, 400),
    "no JSON": (b'{"resourceSpans":[', JSON, 400),
    "empty JSON": (b"", JSON, 400),
    "no gzip": (b"\x00" * 99, {**PROTOBUF, "Content-Encoding": "gzip"}, 400),
    "truncated gzip": (gzip.compress(spans())[:-9], {**PROTOBUF, "Content-Encoding": "gzip"}, 400),
    "truncated zstd": (zstd.compress(spans())[:-3], {**PROTOBUF, "Content-Encoding": "zstd"}, 400),
    "unknown encoding": (spans(), {**PROTOBUF, "Content-Encoding": "br"}, 415),
    "unknown type": (spans(), {"Content-Type": "text/plain"}, 415),
    "no type": (spans(), {}, 415),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_what_cannot_succeed_is_refused_for_good(collector: Collector, case: str) -> None:
    """Bad requests get a code no client retries, a Status in their encoding, and are counted."""
    body, headers, status = REFUSALS[case]
    before = sum(collector.outcomes("http").values())
    answer = collector.post(Signal.TRACES, body, headers)

    assert answer.status == status
    assert "retry-after" not in answer.headers
    if headers.get("Content-Type") == "application/x-protobuf":
        assert Status.FromString(answer.body).message
    else:
        assert json.loads(answer.body)["message"]
    assert sum(collector.outcomes("http").values()) == before + 1


def test_other_methods_and_paths_say_what_to_do(collector: Collector) -> None:
    """405 names the method, 404 the paths, and the root page helps a person."""
    wrong_method = collector.request("GET", "/v1/traces", headers={})
    wrong_path = collector.request("POST", "/v1/trace", b"{}", JSON)
    root = collector.request("GET", "/", headers={})

    assert wrong_method.status == 405
    assert "POST" in wrong_method.headers["allow"]
    assert wrong_path.status == 404
    assert "/v1/traces" in json.loads(wrong_path.body)["message"]
    assert root.status == 200
    assert b"/v1/logs" in root.body


def test_an_announced_body_over_the_limit_is_not_read(start: Start) -> None:
    """413 comes before the body, and the connection ends."""
    collector = start(max_request_bytes=10_000)
    with collector.connect() as connection:
        head = "POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        connection.sendall(f"{head}Content-Length: 10001\r\n\r\n".encode())
        answer = connection.recv(4096)

    assert b" 413 " in answer.split(b"\r\n")[0]
    assert b"connection: close" in answer.lower()
    until(collector.is_idle)


def test_a_sender_that_writes_first_still_reads_413(start: Start) -> None:
    """The refused body is drained for a while, or the answer would be lost to a reset."""
    collector = start(max_request_bytes=10_000)

    assert collector.post(Signal.TRACES, b"x" * 5_000_000).status == 413


def test_a_chunked_body_over_the_limit_is_refused(start: Start) -> None:
    """Without a length the limit holds while reading."""
    collector = start(max_request_bytes=10_000)
    chunks = (b"x" * 3000 for _ in range(5))

    assert collector.post(Signal.TRACES, chunks, encode_chunked=True).status == 413


def test_garbage_never_wedges_the_collector(collector: Collector) -> None:
    """After hundreds of broken requests a good one is stored."""
    rng = random.Random(7)
    good = spans(5)
    for _ in range(300):
        broken = bytearray(good)
        for _ in range(rng.randint(1, 8)):
            broken[rng.randrange(len(broken))] = rng.randrange(256)
        headers = rng.choice([PROTOBUF, JSON, {**PROTOBUF, "Content-Encoding": "gzip"}])
        answer = collector.post(rng.choice(list(Signal)), bytes(broken), headers)
        assert answer.status in (200, 400)
    before = collector.count("spans")

    assert collector.post(Signal.TRACES, spans(1)).status == 200
    assert collector.count("spans") == before + 1
    assert collector.service.intake.counters.read().failures == 0


def test_a_sender_that_vanishes_gives_its_bytes_back(collector: Collector) -> None:
    """Half a body and a closed connection leave nothing reserved."""
    with collector.connect() as connection:
        head = "POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-protobuf\r\n"
        connection.sendall(f"{head}Content-Length: 900000\r\n\r\nabc".encode())
        until(lambda: collector.service.intake.budget.in_flight_bytes > 900_000)

    until(collector.is_idle)
    until(lambda: collector.outcomes("http").get("disconnected") == 1)


def test_a_body_that_stops_arriving_is_refused_as_retryable(
    collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A frozen sender holds its place for a bounded time and may send again."""
    monkeypatch.setattr("collector.receive.body._GRACE_S", 0.2)
    monkeypatch.setattr("collector.receive.body._LINGER_S", 0.1)
    with collector.connect() as connection:
        head = "POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-protobuf\r\n"
        connection.sendall(f"{head}Content-Length: 900\r\n\r\nabc".encode())
        answer = connection.recv(4096)

    assert b" 429 " in answer.split(b"\r\n")[0]
    assert b"retry-after" in answer


def test_cors_answers_configured_origins_only(start: Start) -> None:
    """A preflight gets 204 with its origin repeated; another origin gets no permission."""
    collector = start(cors_origins=("https://app.example",))
    ask = {"Access-Control-Request-Method": "POST", "Origin": "https://app.example"}
    preflight = collector.request("OPTIONS", "/v1/traces", headers=ask)
    stranger = collector.request("OPTIONS", "/v1/traces", headers={**ask, "Origin": "https://x"})
    export = collector.post(Signal.TRACES, spans(), {**PROTOBUF, "Origin": ask["Origin"]})

    assert preflight.status == 204
    assert preflight.headers["access-control-allow-origin"] == "https://app.example"
    assert "content-type" in preflight.headers["access-control-allow-headers"]
    assert preflight.headers["vary"].lower() == "origin"
    assert "access-control-allow-origin" not in stranger.headers
    assert export.headers["access-control-allow-origin"] == "https://app.example"


def test_cors_is_off_by_default(collector: Collector) -> None:
    """Without configured origins a preflight is just a wrong method."""
    ask = {"Access-Control-Request-Method": "POST", "Origin": "https://app.example"}
    answer = collector.request("OPTIONS", "/v1/traces", headers=ask)

    assert answer.status == 405
    assert "access-control-allow-origin" not in answer.headers


def test_a_connection_without_a_head_is_closed(
    collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Silence and half a head end alike; before the first request and after it."""
    monkeypatch.setattr("collector.receive.connection._HEAD_S", 0.5)
    kept = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
    with collector.connect() as silent, collector.connect() as dripping:
        dripping.sendall(kept)
        assert b" 200 " in dripping.recv(4096).split(b"\r\n")[0]
        dripping.sendall(kept[:20])

        assert silent.recv(1) == b""
        assert dripping.recv(1) == b""


def test_an_endless_head_is_cut_off(collector: Collector) -> None:
    """A head is not a way to fill memory."""
    with collector.connect() as connection:
        connection.sendall(b"POST /v1/traces HTTP/1.1\r\nX: ")
        sent_bytes = 0
        with contextlib.suppress(OSError):
            for _ in range(200):
                sent_bytes += connection.send(b"x" * 10_000)
                time.sleep(0.002)

    assert sent_bytes < 1_000_000


def test_an_offer_of_http2_is_passed_over(collector: Collector) -> None:
    """Java's client asks to upgrade with its first export; it is answered in HTTP/1.1."""
    offer = {"Connection": "Upgrade, HTTP2-Settings", "Upgrade": "h2c", "HTTP2-Settings": "AAMA"}
    before = collector.count("spans")
    answer = collector.post(Signal.TRACES, spans(2), PROTOBUF | offer)

    assert answer.status == 200
    assert collector.count("spans") == before + 2


def test_an_offer_in_telemetry_stays_as_it_is(collector: Collector) -> None:
    """Only the head is looked at: a log may well quote one."""
    body = export_request(log("Upgrade: h2c")).SerializeToString()

    assert collector.post(Signal.LOGS, body).status == 200
    assert collector.rows("select count(*) from log_records where body = 'Upgrade: h2c'") == [(1,)]


def test_a_body_lost_to_an_upgrade_is_not_called_stored(collector: Collector) -> None:
    """Whatever else takes the body away, the sender is not told that it is safe."""
    offer = {"Connection": "Upgrade", "Upgrade": "websocket"}
    answer = collector.post(Signal.TRACES, spans(2), PROTOBUF | offer)

    assert answer.status == 400


def test_a_waiting_sender_is_told_to_go_on_only_with_a_token(start: Start) -> None:
    """Expect: 100-continue gets its refusal instead of the invitation."""
    collector = start()
    collector.service.access.new_token("orders")
    with collector.connect() as connection:
        head = "POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-protobuf\r\n"
        connection.sendall(f"{head}Expect: 100-continue\r\nContent-Length: 9\r\n\r\n".encode())

        assert b" 401 " in connection.recv(4096).split(b"\r\n")[0]
