"""Receipt or error to HTTP and gRPC answers: the only file that names status codes.

The rules are OTLP 1.11's ("OTLP/HTTP Response", "OTLP/gRPC Response", "Failures", "Throttling"):
answers use the encoding of the request, errors are a ``google.rpc.Status``, ``partial_success``
is set only when something was rejected or there is a warning, and a sender is told to retry
exactly when the same bytes can succeed later.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

import grpc
from google.rpc.code_pb2 import Code
from google.rpc.error_details_pb2 import RetryInfo
from google.rpc.status_pb2 import Status
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceResponse
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceResponse,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

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
from collector.receive.decompress import ENCODINGS

# In UTF-8 bytes. gRPC clients take 8 KiB of trailing metadata, where a message stands twice, once
# percent-encoded (threefold) and once in base64; OTLP's 4 MiB for a response is far away.
_MESSAGE_BYTES: Final = 1500

Headers = list[tuple[bytes, bytes]]


class Wire(Enum):
    """The two encodings of OTLP/HTTP; the value is the content type of answers."""

    PROTOBUF = b"application/x-protobuf"
    JSON = b"application/json"


@dataclass(frozen=True, slots=True)
class HttpReply:
    """One HTTP answer, ready to send."""

    status: int
    headers: Headers
    body: bytes


@dataclass(frozen=True, slots=True)
class GrpcFailure:
    """What a failed call is ended with."""

    code: grpc.StatusCode
    message: str
    trailing_metadata: tuple[tuple[str, bytes], ...]


@dataclass(frozen=True, slots=True)
class _Code:
    """How one kind of error is told on both transports."""

    http: int
    grpc: grpc.StatusCode
    rpc: int  # google.rpc.Code
    headers: tuple[tuple[bytes, bytes], ...] = ()


_INTERNAL: Final = _Code(500, grpc.StatusCode.INTERNAL, Code.INTERNAL)

_CODES: Final[dict[type[BaseException], _Code]] = {
    Malformed: _Code(400, grpc.StatusCode.INVALID_ARGUMENT, Code.INVALID_ARGUMENT),
    Unauthenticated: _Code(
        401,
        grpc.StatusCode.UNAUTHENTICATED,
        Code.UNAUTHENTICATED,
        ((b"www-authenticate", b'Bearer realm="lockstitch"'),),
    ),
    TooLarge: _Code(413, grpc.StatusCode.RESOURCE_EXHAUSTED, Code.RESOURCE_EXHAUSTED),
    # RFC 9110 15.5.16 has one status for both a type and an encoding it does not know.
    UnsupportedEncoding: _Code(
        415,
        grpc.StatusCode.UNIMPLEMENTED,
        Code.INVALID_ARGUMENT,
        ((b"accept-encoding", ", ".join(ENCODINGS).encode()),),
    ),
    Overloaded: _Code(429, grpc.StatusCode.UNAVAILABLE, Code.UNAVAILABLE),
    StoreUnavailable: _Code(503, grpc.StatusCode.UNAVAILABLE, Code.UNAVAILABLE),
}

_RESPONSES: Final[dict[Signal, tuple[type[Any], str, str]]] = {
    Signal.TRACES: (ExportTraceServiceResponse, "rejected_spans", "rejectedSpans"),
    Signal.METRICS: (ExportMetricsServiceResponse, "rejected_data_points", "rejectedDataPoints"),
    Signal.LOGS: (ExportLogsServiceResponse, "rejected_log_records", "rejectedLogRecords"),
}


def _reply(
    status: int, wire: Wire, body: bytes, extra: Sequence[tuple[bytes, bytes]] = ()
) -> HttpReply:
    length = str(len(body)).encode()
    return HttpReply(
        status, [(b"content-type", wire.value), (b"content-length", length), *extra], body
    )


# Full success is nearly every answer and always the same.
_SUCCESS: Final = {
    Wire.PROTOBUF: _reply(200, Wire.PROTOBUF, b""),
    Wire.JSON: _reply(200, Wire.JSON, b"{}"),
}


def http_receipt(signal: Signal, outcome: Outcome, wire: Wire) -> HttpReply:
    """The answer to an export that was taken, wholly or in part."""
    if not outcome.rejected and not outcome.warnings:
        return _SUCCESS[wire]
    if wire is Wire.PROTOBUF:
        return _reply(200, wire, grpc_receipt(signal, outcome))
    partial: dict[str, str] = {"errorMessage": _explain(outcome)}
    if outcome.rejected_count:
        partial[_RESPONSES[signal][2]] = str(outcome.rejected_count)
    return _reply(200, wire, json.dumps({"partialSuccess": partial}).encode())


def grpc_receipt(signal: Signal, outcome: Outcome) -> bytes:
    """The serialized ``Export*ServiceResponse`` for an export that was taken."""
    if not outcome.rejected and not outcome.warnings:
        return b""
    message_type, field, _ = _RESPONSES[signal]
    response = message_type()
    response.partial_success.error_message = _explain(outcome)
    setattr(response.partial_success, field, outcome.rejected_count)
    return bytes(response.SerializeToString())


def http_error(error: Exception, wire: Wire) -> HttpReply:
    """The answer to an export that was not taken."""
    code = _code_of(error)
    extra = list(code.headers)
    retry_after_s = _retry_after_s(error)
    if retry_after_s is not None:
        extra.append((b"retry-after", str(retry_after_s).encode()))
    return _reply(code.http, wire, _status_body(code.rpc, _message(error), wire), extra)


def grpc_error(error: Exception) -> GrpcFailure:
    """How to end a call that was not taken; RetryInfo says when to try again."""
    code = _code_of(error)
    message = _message(error)
    retry_after_s = _retry_after_s(error)
    if retry_after_s is None:
        return GrpcFailure(code.grpc, message, ())
    status = Status(code=code.rpc, message=message)
    retry = RetryInfo()
    retry.retry_delay.seconds = retry_after_s
    status.details.add().Pack(retry)
    return GrpcFailure(
        code.grpc, message, (("grpc-status-details-bin", status.SerializeToString()),)
    )


def firehose(request_id: str, now_ms: int, error: Exception | None = None) -> HttpReply:
    """The answer to a Firehose delivery: only 200 is success, all else is tried again.

    But 413 is not: Firehose drops such a delivery for ever, it does not even reach the bucket for
    what failed. So what is too large is refused like what is malformed, and can be imported from
    that bucket. The body has exactly the members that the service asks for.
    """
    answer: dict[str, str | int] = {"requestId": request_id, "timestamp": now_ms}
    if error is None:
        return _reply(200, Wire.JSON, json.dumps(answer).encode())
    answer["errorMessage"] = _message(error)
    code = _CODES[Malformed] if isinstance(error, TooLarge) else _code_of(error)
    return _reply(code.http, Wire.JSON, json.dumps(answer).encode())


def not_found(path: str, known: Sequence[str], wire: Wire) -> HttpReply:
    """The answer to a path nobody serves: names those that are."""
    message = f"nothing is served at {path}: send POST to {', '.join(known)}"
    return _reply(404, wire, _status_body(Code.NOT_FOUND, _cut(message), wire))


def method_not_allowed(allowed: str, wire: Wire) -> HttpReply:
    """The answer to a known path asked with another method."""
    body = _status_body(Code.UNIMPLEMENTED, f"use {allowed}", wire)
    return _reply(405, wire, body, [(b"allow", allowed.encode())])


def text(body: str) -> HttpReply:
    """A page of plain text for a person."""
    encoded = body.encode()
    length = str(len(encoded)).encode()
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", length)]
    return HttpReply(200, headers, encoded)


def no_content(headers: Headers) -> HttpReply:
    """An answer without a body, as a CORS preflight wants it."""
    return HttpReply(204, headers, b"")


def _code_of(error: Exception) -> _Code:
    return next((_CODES[kind] for kind in type(error).__mro__ if kind in _CODES), _INTERNAL)


def _retry_after_s(error: Exception) -> int | None:
    return error.retry_after_s if isinstance(error, Overloaded | StoreUnavailable) else None


def _message(error: Exception) -> str:
    """An error of ours explains itself; of another we show only that it happened."""
    if isinstance(error, LockstitchError):
        return _cut(str(error))
    return "an error inside the collector: its log has the reason"


def _explain(outcome: Outcome) -> str:
    reasons = ", ".join(f"{reason}: {count}" for reason, count in outcome.rejected.items())
    sentences = [f"rejected {reasons}"] if reasons else []
    return _cut("; ".join([*sentences, *outcome.warnings]))


def _cut(message: str) -> str:
    encoded = message.encode(errors="replace")
    if len(encoded) <= _MESSAGE_BYTES:
        return encoded.decode()
    return encoded[:_MESSAGE_BYTES].decode(errors="ignore") + "…"


def _status_body(code: int, message: str, wire: Wire) -> bytes:
    if wire is Wire.PROTOBUF:
        return bytes(Status(code=code, message=message).SerializeToString())
    return json.dumps({"code": code, "message": message, "details": []}).encode()
