"""The OTLP/gRPC port through real channels."""

import gzip
import random
import socket
import threading
import time
from collections.abc import Iterator

import grpc
import pytest
from google.rpc.error_details_pb2 import RetryInfo
from google.rpc.status_pb2 import Status
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from collector.batch import Signal
from collector.errors import SettingsError
from collector.receive.grpc import GrpcReceiver
from collector.settings import Settings
from tests.build import counter, export_request, log, point, span
from tests.receive.conftest import Collector, Start, until


def spans(count: int = 2) -> bytes:
    return export_request(*(span() for _ in range(count))).SerializeToString()


def failure(collector: Collector, body: bytes, **options: object) -> grpc.RpcError:
    """The error that an export of traces ends with."""
    with pytest.raises(grpc.RpcError) as raised:
        collector.call(Signal.TRACES, body, **options)
    return raised.value


def retry_delay(error: grpc.RpcError) -> RetryInfo | None:
    """The RetryInfo among the details of an error; None when it says not to retry."""
    for key, value in error.trailing_metadata() or ():
        if key == "grpc-status-details-bin":
            info = RetryInfo()
            return info if Status.FromString(value).details[0].Unpack(info) else None
    return None


def test_every_signal_is_stored_before_its_answer(collector: Collector) -> None:
    """An empty response means that all records can be read back."""
    before = [collector.count(table) for table in ("spans", "metric_points", "log_records")]
    answers = [
        collector.call(Signal.TRACES, spans(1)),
        collector.call(Signal.METRICS, export_request(counter("c", point(1))).SerializeToString()),
        collector.call(Signal.LOGS, export_request(log()).SerializeToString()),
    ]

    assert answers == [b""] * 3
    after = [collector.count(table) for table in ("spans", "metric_points", "log_records")]
    assert after == [count + 1 for count in before]


@pytest.mark.parametrize("compression", list(grpc.Compression))
def test_compressed_messages_are_read(collector: Collector, compression: grpc.Compression) -> None:
    """gzip and deflate messages reach us as sent and are inflated here."""
    before = collector.count("spans")
    collector.call(Signal.TRACES, spans(30), compression=compression)

    assert collector.count("spans") == before + 30


def test_an_export_of_nothing_succeeds(collector: Collector) -> None:
    """An empty request is no error."""
    assert collector.call(Signal.TRACES, b"") == b""


def test_partial_success_is_told(collector: Collector) -> None:
    """The answer counts the records refused and says why."""
    body = export_request(span(), span(trace_id=b"")).SerializeToString()
    response = ExportTraceServiceResponse.FromString(collector.call(Signal.TRACES, body))

    assert response.partial_success.rejected_spans == 1
    assert response.partial_success.error_message


def test_a_call_given_up_while_it_is_inflated_leaves_nothing(start: Start) -> None:
    """Its thread goes on for a moment, but reserves nothing any more."""
    collector = start()
    body = gzip.compress(random.Random(1).randbytes(20_000) * 3_000, 1)
    for tries in range(1, 8):
        failure(collector, body, timeout=0.02 * tries)
        time.sleep(0.3)

    until(collector.is_idle)


@pytest.mark.parametrize("body", [b"\xff\xff\xff", spans()[:-3], gzip.compress(spans())[:-9]])
def test_a_broken_message_is_invalid_argument(collector: Collector, body: bytes) -> None:
    """Nobody retries what cannot be decoded."""
    error = failure(collector, body)

    assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert retry_delay(error) is None


@pytest.mark.parametrize("compression", [None, grpc.Compression.Gzip])
def test_a_message_over_the_limit_is_not_to_be_retried(
    start: Start, compression: grpc.Compression | None
) -> None:
    """RESOURCE_EXHAUSTED without RetryInfo, as sent or after inflating."""
    error = failure(start(max_request_bytes=10_000), b"\n" * 10_001, compression=compression)

    assert error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert retry_delay(error) is None


def test_overload_says_when_to_retry(start: Start) -> None:
    """UNAVAILABLE with RetryInfo while full; once there is room the same export succeeds."""
    collector = start()
    budget = collector.service.intake.budget
    everything = budget.admit(budget.limit_bytes - 5000)
    error = failure(collector, spans())
    delay = retry_delay(error)
    everything.release()

    assert error.code() is grpc.StatusCode.UNAVAILABLE
    assert delay is not None
    assert delay.retry_delay.seconds >= 1
    assert collector.call(Signal.TRACES, spans()) == b""


def test_tokens_are_demanded_in_metadata(start: Start) -> None:
    """Once a token exists a call without it is UNAUTHENTICATED; with it it passes."""
    collector = start()
    token = collector.service.access.new_token("lambda")
    error = failure(collector, spans(), metadata=[("authorization", "Bearer wrong")])
    passed = collector.call(Signal.TRACES, spans(), metadata=[("authorization", f"Bearer {token}")])

    assert error.code() is grpc.StatusCode.UNAUTHENTICATED
    assert retry_delay(error) is None
    assert passed == b""


def test_a_wrong_token_is_refused_before_the_message_comes(start: Start) -> None:
    """The check needs the headers only: the client has not sent its message yet."""
    collector = start()
    collector.service.access.new_token("lambda")
    with grpc.insecure_channel(collector.grpc_target) as channel:
        method = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
        call = channel.stream_unary(method).future(_never(), timeout=60)

        assert call.code() is grpc.StatusCode.UNAUTHENTICATED


def test_a_call_that_brings_no_message_ends(
    collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sender that stalls holds its place for a bounded time."""
    monkeypatch.setattr("collector.receive.grpc._READ_S", 0.2)
    with grpc.insecure_channel(collector.grpc_target) as channel:
        method = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
        call = channel.stream_unary(method).future(_never(), timeout=60)

        assert call.code() is grpc.StatusCode.UNAVAILABLE
    until(collector.is_idle)


def test_a_taken_port_stops_the_start(collector: Collector) -> None:
    """One sentence says which port it is and what to do."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        settings = Settings(grpc_port=other.getsockname()[1])
        receiver = GrpcReceiver(collector.service.intake, collector.service.access, settings)

        with pytest.raises(SettingsError, match="--grpc-port"):
            collector.run(receiver.start())


def _never() -> Iterator[bytes]:
    """A request stream that stays open without a message."""
    threading.Event().wait(5)
    yield b""
