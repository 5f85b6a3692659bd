"""Sends requests to a running collector over HTTP, trying again when it says so."""

import asyncio
import http.client
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Final, Self
from urllib.parse import urlsplit

from google.protobuf.message import DecodeError
from google.rpc.status_pb2 import Status
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceResponse
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceResponse,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from collector.batch import Signal
from collector.errors import Rejected, SettingsError, StoreUnavailable
from web.posts import Post

_RETRYABLE: Final = frozenset(
    {429, 502, 503, 504}
)  # OTLP specification, "Retryable Response Codes"
_TAKEN: Final = frozenset({200, 202, 204})  # of an OTLP exporter or Firehose it is 200 alone
_TRIES: Final = 60
_PROTOBUF: Final = {"Content-Type": "application/x-protobuf"}


class Sender:
    """One keep-alive connection to ``endpoint`` (``http://127.0.0.1:4318``)."""

    def __init__(self, endpoint: str, token: str | None = None) -> None:
        parts = urlsplit(endpoint)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise SettingsError(f"{endpoint} is not an endpoint: write http://HOST:4318")
        connection = (
            http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        )
        self._connection = connection(parts.hostname, parts.port or 4318, timeout=60)
        self._token = {"Authorization": f"Bearer {token}"} if token else {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._connection.close()

    def send(self, signal: Signal, body: bytes) -> int:
        """Posts one export until it is taken; returns how many of its records were rejected.

        Raises:
            Rejected: the collector will never take it; the text is the collector's.
            StoreUnavailable: it could not be reached, or kept saying "later".
        """
        return _rejected(signal, self._until_taken(f"/v1/{signal.value}", body, _PROTOBUF))

    def post(self, post: Post) -> None:
        """Posts what a sender without OTLP would, until it is taken.

        Raises:
            Rejected: the collector will never take it; the text is the collector's.
            StoreUnavailable: it could not be reached, or kept saying "later".
        """
        self._until_taken(post.path, post.body, post.headers)

    async def send_async(self, signal: Signal, body: bytes) -> int:
        """:meth:`send` without blocking the event loop."""
        return await asyncio.to_thread(self.send, signal, body)

    async def post_async(self, post: Post) -> None:
        """:meth:`post` without blocking the event loop."""
        await asyncio.to_thread(self.post, post)

    def _until_taken(self, path: str, body: bytes, headers: Mapping[str, str]) -> bytes:
        trouble = "no answer"
        for attempt in range(_TRIES):
            try:
                status, retry_after, answer = self._ask(path, body, headers)
            except (OSError, http.client.HTTPException) as error:
                self._connection.close()
                trouble, retry_after = str(error) or type(error).__name__, 0.2
            else:
                if status in _TAKEN:
                    return answer
                if status not in _RETRYABLE:
                    raise Rejected(f"the collector answered {status}: {_text(answer)}")
                trouble = f"it answered {status}"
            time.sleep(retry_after or min(0.05 * 2**attempt, 2.0))
        raise StoreUnavailable(
            f"{self._connection.host}:{self._connection.port} took no data: {trouble}"
        )

    def _ask(self, path: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, float, bytes]:
        self._connection.request("POST", path, body, {**headers, **self._token})
        response = self._connection.getresponse()
        return response.status, float(response.getheader("Retry-After") or 0), response.read()


def _rejected(signal: Signal, answer: bytes) -> int:
    if signal is Signal.TRACES:
        rejected = ExportTraceServiceResponse.FromString(answer).partial_success.rejected_spans
    elif signal is Signal.METRICS:
        metrics = ExportMetricsServiceResponse.FromString(answer)
        rejected = metrics.partial_success.rejected_data_points
    else:
        rejected = ExportLogsServiceResponse.FromString(answer).partial_success.rejected_log_records
    return int(rejected)


def _text(answer: bytes) -> str:
    try:
        return str(Status.FromString(answer).message)
    except DecodeError:
        return answer.decode(errors="replace")
