"""The HTTP port as a bare ASGI application: who asks, what for, how much; then read and hand on.

Here are the three OTLP paths; the doors for what AWS sends have modules of their own.

The order is a promise: the token is checked before a byte of the body is read, its size before it
is read or inflated, and what takes longer than a small body does is kept off the event loop.
"""

from collections.abc import Mapping
from typing import Any, Final, Protocol

from collector.batch import Outcome, Signal
from collector.decode.otlp_json import json_to_protobuf
from collector.errors import LockstitchError, Malformed, UnsupportedEncoding
from collector.receive import replies
from collector.receive.access import Access, token_of
from collector.receive.admission import Admission
from collector.receive.body import Body, DisconnectedError, Receive, Send
from collector.receive.cors import Cors
from collector.receive.counters import label_of
from collector.receive.decompress import encodings_of
from collector.receive.firehose import FirehoseDoor
from collector.receive.intake import Intake
from collector.receive.lambda_telemetry import TelemetryDoor
from collector.receive.replies import HttpReply, Wire
from collector.settings import Settings

_SIGNALS: Final = {f"/v1/{signal}": signal for signal in Signal}
_POST: Final = "POST, OPTIONS"

_WIRES: Final = {
    b"application/x-protobuf": Wire.PROTOBUF,
    b"application/protobuf": Wire.PROTOBUF,
    b"application/json": Wire.JSON,
}


def otlp_app(intake: Intake, access: Access, settings: Settings, *, web_url: str = "") -> "OtlpApp":
    """The ASGI application for the OTLP/HTTP port; ``web_url`` is shown to who asks for ``/``."""
    return OtlpApp(
        intake,
        access,
        Cors(settings.cors_origins),
        max_request_bytes=int(settings.max_request_bytes),
        web_url=web_url,
    )


class _Door(Protocol):
    async def take(self, headers: Mapping[bytes, bytes], body: Body) -> HttpReply: ...


class OtlpApp:
    """Serves ``POST /v1/{traces,metrics,logs}``, CORS preflights, and a word of help at ``/``.

    And ``POST /firehose`` and ``/lambda/telemetry``.
    """

    def __init__(
        self, intake: Intake, access: Access, cors: Cors, *, max_request_bytes: int, web_url: str
    ) -> None:
        self._intake = intake
        self._access = access
        self._cors = cors
        self._limit_bytes = max_request_bytes
        self._web_url = web_url
        self._doors: dict[str, _Door] = {
            "/firehose": FirehoseDoor(intake, access, max_request_bytes),
            "/lambda/telemetry": TelemetryDoor(intake, access, max_request_bytes),
        }

    async def __call__(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        """One request; see the ASGI specification, HTTP connection scope."""
        if scope["type"] != "http":
            return
        headers: dict[bytes, bytes] = dict(scope["headers"])
        body = Body(receive, headers)
        signal, door = _SIGNALS.get(scope["path"]), self._doors.get(scope["path"])
        try:
            if signal is not None and scope["method"] == "POST":
                reply = await self._export(signal, headers, body)
            elif door is not None and scope["method"] == "POST":
                reply = await door.take(headers, body)
            else:
                reply = self._elsewhere(scope["method"], scope["path"], headers)
        except DisconnectedError:
            return
        await self._send(reply, headers, body, send)

    async def _export(
        self, signal: Signal, headers: Mapping[bytes, bytes], body: Body
    ) -> HttpReply:
        wire = _wire_of(headers)
        result: Outcome | LockstitchError
        try:
            result = await self._take(signal, wire, headers, body)
        except LockstitchError as error:
            result = error
        except DisconnectedError:
            self._intake.counters.request("http", signal, "disconnected")
            raise
        except Exception as error:  # the sender retries
            result = self._intake.fault(error)
        self._intake.counters.request("http", signal, label_of(result))
        if isinstance(result, Outcome):
            return replies.http_receipt(signal, result, wire or Wire.JSON)
        return replies.http_error(result, wire or Wire.JSON)

    async def _take(
        self, signal: Signal, wire: Wire | None, headers: Mapping[bytes, bytes], body: Body
    ) -> Outcome:
        self._access.check(token_of(headers))
        if wire is None:
            raise UnsupportedEncoding(
                "unsupported Content-Type: use application/x-protobuf or application/json"
            )
        encodings = encodings_of(headers.get(b"content-encoding", b""))
        admission = await self._intake.admit(body.bytes_to_reserve(self._limit_bytes))
        try:
            received = await body.read(self._limit_bytes, admission)
            export = await self._protobuf(signal, wire, received, encodings, admission)
        except BaseException:  # also when cancelled
            admission.release()
            raise
        return await self._intake.accept(signal, export, admission)

    async def _protobuf(
        self,
        signal: Signal,
        wire: Wire,
        received: bytes,
        encodings: list[str],
        admission: Admission,
    ) -> bytes:
        """The export as protobuf bytes, however it was packed."""
        workers = self._intake.workers
        plain = await workers.inflate(received, encodings, self._limit_bytes, admission)
        if wire is Wire.PROTOBUF:
            return plain
        if not plain:
            raise Malformed("an empty body is not JSON: an export of nothing is {}")
        return await workers.run(len(plain), json_to_protobuf, signal, plain)

    def _elsewhere(self, method: str, path: str, headers: Mapping[bytes, bytes]) -> HttpReply:
        """The answer to anything but an export."""
        wire = _wire_of(headers) or Wire.JSON
        if path in _SIGNALS:
            preflight = self._cors.preflight(headers) if method == "OPTIONS" else None
            if preflight is not None:
                return replies.no_content(preflight)
            return replies.method_not_allowed(_POST, wire)
        if path in self._doors:
            return replies.method_not_allowed("POST", wire)
        if path == "/" and method in ("GET", "HEAD"):
            return replies.text(_help([*_SIGNALS, *self._doors], self._web_url))
        return replies.not_found(path, [*_SIGNALS, *self._doors], wire)

    async def _send(
        self, reply: HttpReply, headers: Mapping[bytes, bytes], body: Body, send: Send
    ) -> None:
        head = reply.headers
        if self._cors.enabled:
            head = [*head, *self._cors.headers(headers)]
        if not body.complete:
            head = [*head, (b"connection", b"close")]
        await send({"type": "http.response.start", "status": reply.status, "headers": head})
        if not body.complete:
            await send({"type": "http.response.body", "body": reply.body, "more_body": True})
            await body.drop()
            await send({"type": "http.response.body"})
            return
        await send({"type": "http.response.body", "body": reply.body})


def _wire_of(headers: Mapping[bytes, bytes]) -> Wire | None:
    content_type = headers.get(b"content-type", b"")
    return _WIRES.get(content_type) or _WIRES.get(content_type.split(b";")[0].strip().lower())


def _help(paths: list[str], web_url: str) -> str:
    lines = ["This is Lockstitch's OTLP/HTTP port. Send telemetry here with POST:", ""]
    lines += [f"  {path}" for path in paths]
    if web_url:
        lines += ["", f"Look at it in a browser: {web_url}"]
    return "\n".join(lines) + "\n"
