"""Every error and every receipt, as both transports tell it."""

import json

import grpc
import pytest
from google.rpc.code_pb2 import Code
from google.rpc.error_details_pb2 import RetryInfo
from google.rpc.status_pb2 import Status
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceResponse
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceResponse,
)

from collector.batch import Outcome, Signal
from collector.errors import (
    LockstitchError,
    Malformed,
    Overloaded,
    StoreUnavailable,
    TooLarge,
    Unauthenticated,
    UnsupportedEncoding,
)
from collector.receive.replies import (
    Wire,
    grpc_error,
    grpc_receipt,
    http_error,
    http_receipt,
)

# error, HTTP status, gRPC status, retryable: what a client does depends on nothing else
TABLE = [
    (Malformed("m"), 400, grpc.StatusCode.INVALID_ARGUMENT, False),
    (Unauthenticated("m"), 401, grpc.StatusCode.UNAUTHENTICATED, False),
    (TooLarge("m"), 413, grpc.StatusCode.RESOURCE_EXHAUSTED, False),
    (UnsupportedEncoding("m"), 415, grpc.StatusCode.UNIMPLEMENTED, False),
    (Overloaded("m"), 429, grpc.StatusCode.UNAVAILABLE, True),
    (StoreUnavailable("m"), 503, grpc.StatusCode.UNAVAILABLE, True),
    (LockstitchError("m"), 500, grpc.StatusCode.INTERNAL, False),
]


@pytest.mark.parametrize(("error", "status", "_code", "retryable"), TABLE)
def test_http_answers(
    error: LockstitchError, status: int, _code: grpc.StatusCode, retryable: bool
) -> None:
    """Code and Retry-After belong together; the body is a Status in either encoding."""
    protobuf, text = http_error(error, Wire.PROTOBUF), http_error(error, Wire.JSON)

    assert protobuf.status == text.status == status
    assert (b"retry-after" in dict(protobuf.headers)) is retryable
    assert Status.FromString(protobuf.body).message == "m"
    assert json.loads(text.body) == {
        "code": Status.FromString(protobuf.body).code,
        "message": "m",
        "details": [],
    }


@pytest.mark.parametrize(("error", "_status", "code", "retryable"), TABLE)
def test_grpc_answers(
    error: LockstitchError, _status: int, code: grpc.StatusCode, retryable: bool
) -> None:
    """RetryInfo comes with exactly the errors that are worth a retry."""
    failure = grpc_error(error)
    details = dict(failure.trailing_metadata)

    assert failure.code is code
    assert ("grpc-status-details-bin" in details) is retryable
    if retryable:
        info = RetryInfo()
        status = Status.FromString(details["grpc-status-details-bin"])
        assert status.code == code.value[0]
        assert status.details[0].Unpack(info)
        assert info.retry_delay.seconds == error.retry_after_s  # type: ignore[attr-defined]


def test_an_error_that_is_not_ours_shows_no_inside() -> None:
    """Its text may hold a path or data; the log has it."""
    reply = http_error(ValueError("/secret/path"), Wire.JSON)

    assert reply.status == 500
    assert b"secret" not in reply.body


def test_full_success_leaves_partial_success_unset() -> None:
    """An empty protobuf message, an empty JSON object."""
    assert http_receipt(Signal.TRACES, Outcome(5), Wire.PROTOBUF).body == b""
    assert http_receipt(Signal.TRACES, Outcome(5), Wire.JSON).body == b"{}"
    assert grpc_receipt(Signal.TRACES, Outcome(5)) == b""


def test_rejected_records_are_counted_by_reason() -> None:
    """Each signal has its own field for them."""
    outcome = Outcome(1, {"no trace id": 2, "too many attributes": 3})
    metrics = ExportMetricsServiceResponse.FromString(grpc_receipt(Signal.METRICS, outcome))
    logs = json.loads(http_receipt(Signal.LOGS, outcome, Wire.JSON).body)

    assert metrics.partial_success.rejected_data_points == 5
    assert "no trace id: 2" in metrics.partial_success.error_message
    assert logs["partialSuccess"]["rejectedLogRecords"] == "5"


def test_a_warning_rejects_nothing() -> None:
    """Rejected 0 with a message: all was kept, and the sender should know something."""
    outcome = Outcome(3, warnings=("timestamps are in the future",))
    response = ExportLogsServiceResponse.FromString(grpc_receipt(Signal.LOGS, outcome))
    text = json.loads(http_receipt(Signal.LOGS, outcome, Wire.JSON).body)

    assert response.partial_success.rejected_log_records == 0
    assert response.partial_success.error_message == "timestamps are in the future"
    assert text == {"partialSuccess": {"errorMessage": "timestamps are in the future"}}


@pytest.mark.parametrize("letter", ["a", "é", "𝄞", "\ud800"])
def test_messages_are_cut(letter: str) -> None:
    """However long a message is, trailing metadata stays below what clients take."""
    failure = grpc_error(Overloaded(letter * 100_000))
    partial = grpc_receipt(Signal.LOGS, Outcome(0, {letter * 100_000: 1}))

    assert len(failure.message.encode()) < 1600
    assert sum(len(value) for _, value in failure.trailing_metadata) < 2000
    assert len(partial) < 2000


def test_codes_are_the_same_in_body_and_status() -> None:
    """A client may read either."""
    body = http_error(Malformed("m"), Wire.PROTOBUF).body

    assert Status.FromString(body).code == Code.INVALID_ARGUMENT
