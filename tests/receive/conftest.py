"""A running collector: real ports, journal, store and event loop, in a thread of its own."""

import asyncio
import http.client
import socket
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import grpc
import pytest
import uvloop

from collector.batch import Signal
from collector.service import Service
from collector.settings import Settings

T = TypeVar("T")

PROTOBUF = {"Content-Type": "application/x-protobuf"}
JSON = {"Content-Type": "application/json"}

_METHODS = {
    Signal.TRACES: "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
    Signal.METRICS: "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export",
    Signal.LOGS: "/opentelemetry.proto.collector.logs.v1.LogsService/Export",
}


class Answer(NamedTuple):
    """An HTTP answer as a client reads it."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes


class Collector:
    """One running service and the ways to talk to it."""

    def __init__(self, settings: Settings) -> None:
        self._loop = uvloop.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.service = Service(settings)
        self.run(self.service.start())
        self.url = self.service.endpoints.http
        self.http_port = int(self.url.rpartition(":")[2])
        self.grpc_target = self.service.endpoints.grpc.rpartition("/")[2]

    def run(self, work: Awaitable[T]) -> T:
        """Awaits ``work`` in the collector's event loop."""

        async def awaited() -> T:
            return await work

        return asyncio.run_coroutine_threadsafe(awaited(), self._loop).result(60)

    def stop(self) -> None:
        """Ends the service and its loop; a second call does nothing."""
        if self._loop.is_closed():
            return
        self.run(self.service.stop())
        self.service.web_socket.close()  # whoever runs the web UI would have closed it
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def request(
        self,
        method: str,
        path: str,
        body: Any = None,
        headers: Mapping[str, str] = PROTOBUF,
        **options: Any,
    ) -> Answer:
        """One request on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.http_port, timeout=60)
        try:
            connection.request(method, path, body, dict(headers), **options)
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        finally:
            connection.close()

    def post(
        self, signal: Signal, body: Any, headers: Mapping[str, str] = PROTOBUF, **options: Any
    ) -> Answer:
        return self.request("POST", f"/v1/{signal}", body, headers, **options)

    def connect(self) -> socket.socket:
        """A bare connection to the HTTP port."""
        return socket.create_connection(("127.0.0.1", self.http_port), timeout=60)

    def call(self, signal: Signal, body: bytes, **options: Any) -> bytes:
        """One gRPC export on a channel of its own."""
        with grpc.insecure_channel(self.grpc_target) as channel:
            result: bytes = channel.unary_unary(_METHODS[signal])(body, **{"timeout": 60} | options)
            return result

    def rows(self, sql: str) -> list[Any]:
        """What a question asked now answers, everything answered before included."""
        assert self.service.writer.wait_visible(60)
        return self.service.database.read(lambda cursor: cursor.execute(sql).fetchall())

    def count(self, table: str) -> int:
        """Rows in a table."""
        return int(self.rows(f"select count(*) from {table}")[0][0])

    def is_idle(self) -> bool:
        """Whether every byte that was reserved has been given back."""
        return self.service.intake.budget.in_flight_bytes == 0

    def outcomes(self, transport: str, signal: Signal = Signal.TRACES) -> dict[str, int]:
        """Requests counted so far, by outcome."""
        requests = self.service.intake.counters.read().requests
        return {key[2]: count for key, count in requests.items() if key[:2] == (transport, signal)}


Start = Callable[..., Collector]


def until(condition: Callable[[], object], timeout_s: float = 60.0) -> None:
    """Waits until ``condition`` holds; fails when it does not in time."""
    deadline_s = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline_s, "it did not happen in time"
        time.sleep(0.01)


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """Starts collectors with the settings given; stops them after the module's tests."""
    running: list[Collector] = []

    def begin(db: Path | None = None, **settings: Any) -> Collector:
        path = db or tmp_path_factory.mktemp("store") / "test.duckdb"
        ports: dict[str, Any] = {"http_port": 0, "grpc_port": 0, "web_port": 0}
        running.append(Collector(Settings(db=path, **ports, **settings)))
        return running[-1]

    yield begin
    for collector in running:
        collector.stop()


@pytest.fixture(scope="module")
def collector(start: Start) -> Collector:
    """A collector with default settings, shared by the tests of a module."""
    return start()
