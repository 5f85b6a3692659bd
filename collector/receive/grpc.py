"""OTLP over gRPC: the three Export services on one port, without message classes.

Calls are taken as client streams of one message, so that the token and the admission are checked
before the message is read. Messages come as bytes, and as compressed as they were sent: gRPC
would inflate them before we know who sends them and outside the budget.
"""

import asyncio
from functools import partial
from typing import Any, Final, TypeAlias

import grpc

from collector.batch import Outcome, Signal
from collector.errors import LockstitchError, Malformed, Overloaded, SettingsError
from collector.receive import replies
from collector.receive.access import Access, bearer
from collector.receive.bind import tls_files
from collector.receive.counters import label_of
from collector.receive.intake import Intake
from collector.receive.listener import listen
from collector.settings import Settings

_SERVICES: Final = {
    Signal.TRACES: "opentelemetry.proto.collector.trace.v1.TraceService",
    Signal.METRICS: "opentelemetry.proto.collector.metrics.v1.MetricsService",
    Signal.LOGS: "opentelemetry.proto.collector.logs.v1.LogsService",
}

# gRPC does not announce sizes: reserved for a message until it is read and its size is known.
_EXPECTED_BYTES: Final = 64 * 1024

# A call may take so long to bring its message.
_READ_S: Final = 10.0

_Context: TypeAlias = Any  # a grpc.aio.ServicerContext; grpcio ships no types


class GrpcReceiver:
    """Listens on the settings' host and gRPC port between start and stop."""

    def __init__(self, intake: Intake, access: Access, settings: Settings) -> None:
        self._intake = intake
        self._access = access
        self._settings = settings
        self._limit_bytes = int(settings.max_request_bytes)
        self._server: grpc.aio.Server | None = None

    async def start(self) -> int:
        """Returns the port (a free one for port 0) when calls are taken.

        Raises:
            SettingsError: the port is taken or the address is not ours.
        """
        server = grpc.aio.server(options=_options(self._limit_bytes))
        for signal, service in _SERVICES.items():
            method = grpc.stream_unary_rpc_method_handler(partial(self._export, signal))
            handler = grpc.method_handlers_generic_handler(service, {"Export": method})
            server.add_generic_rpc_handlers((handler,))
        port = self._listen(server)
        await server.start()
        self._server = server
        return port

    def _listen(self, server: grpc.aio.Server) -> int:
        host, port = self._settings.host, self._settings.grpc_port
        if port:  # gRPC reports a taken port in lines of its own before it raises: ask first
            listen(host, port, "--grpc-port").close()
        address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        credentials = _credentials(self._settings)
        try:
            if credentials is None:
                return int(server.add_insecure_port(address))
            return int(server.add_secure_port(address, credentials))
        except RuntimeError as error:
            raise SettingsError(
                f"cannot listen on {address}: stop what uses it, or pick another port with "
                "--grpc-port (0 picks a free one)"
            ) from error

    async def stop(self, grace_s: float = 5.0) -> None:
        """Refuses new calls, lets those in progress finish for ``grace_s``, then ends them."""
        if self._server is not None:
            await self._server.stop(grace_s)

    async def _export(self, signal: Signal, _messages: Any, context: _Context) -> bytes:
        result: Outcome | LockstitchError
        try:
            result = await self._take(signal, context)
        except LockstitchError as error:
            result = error
        except Exception as error:  # the sender retries
            result = self._intake.fault(error)
        self._intake.counters.request("grpc", signal, label_of(result))
        if isinstance(result, Outcome):
            return replies.grpc_receipt(signal, result)
        failure = replies.grpc_error(result)
        await context.abort(failure.code, failure.message, failure.trailing_metadata)
        raise result  # not reached: abort raises

    async def _take(self, signal: Signal, context: _Context) -> Outcome:
        self._access.check(_token_of(context))
        admission = await self._intake.admit(_EXPECTED_BYTES)
        try:
            message = await _read(context)
            admission.resize(len(message))
            export = await self._intake.workers.inflate(
                message, _encodings_of(message), self._limit_bytes, admission
            )
        except BaseException:  # also when cancelled
            admission.release()
            raise
        return await self._intake.accept(signal, export, admission)


def _credentials(settings: Settings) -> grpc.ServerCredentials | None:
    files = tls_files(settings)
    if files is None:
        return None
    certificate, key = files
    return grpc.ssl_server_credentials([(key.read_bytes(), certificate.read_bytes())])


def _options(max_request_bytes: int) -> list[tuple[str, int]]:
    return [
        ("grpc.max_receive_message_length", max_request_bytes),
        ("grpc.per_message_decompression", 0),
        ("grpc.so_reuseport", 0),  # a taken port is an error, not a share of its calls
        # Exporters keep connections open with a ping each 10 s, also when they have no call.
        ("grpc.keepalive_permit_without_calls", 1),
        ("grpc.http2.min_recv_ping_interval_without_data_ms", 5_000),
        ("grpc.keepalive_time_ms", 60_000),  # finds senders that vanished
        ("grpc.max_concurrent_streams", 1_000),
    ]


async def _read(context: _Context) -> bytes:
    try:
        async with asyncio.timeout(_READ_S):
            message = await context.read()
    except TimeoutError:
        raise Overloaded("the message stopped arriving: send it again") from None
    if not isinstance(message, bytes):  # also when gRPC has refused one over the limit by itself
        raise Malformed("the call ended without a message")
    return message


def _token_of(context: _Context) -> str:
    for key, value in context.invocation_metadata() or ():
        if key == "authorization":
            return bearer(value if isinstance(value, str) else value.decode("latin-1"))
    return ""


def _encodings_of(message: bytes) -> list[str]:
    """How a message is compressed, read off its first bytes: gRPC keeps the header to itself.

    No export starts so: 0x1f would be a wire type that does not exist, and a zlib header a field
    number 15, which is far from any that OTLP has.
    """
    if message[:2] == b"\x1f\x8b":
        return ["gzip"]
    if message[:1] == b"\x78" and int.from_bytes(message[:2], "big") % 31 == 0:
        return ["deflate"]
    return []
