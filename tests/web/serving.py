"""A running collector and its web port, as the tests of API and pages use them."""

import asyncio
import http.client
import threading
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from fastapi import FastAPI
from fastapi.testclient import TestClient

from collector.service import Service
from collector.settings import Settings
from tests.build import Request
from web.app import create_app
from web.samples import SampleData

HOST: Final = "http://127.0.0.1"
_SIGNALS: Final = {"Trace": "traces", "Metri": "metrics", "LogsS": "logs"}


class Web:
    """Store, journal, receivers on free ports, and a client of the web app in this process."""

    def __init__(self, directory: Path, **settings: Any) -> None:
        known = {"db": directory / "web.duckdb", "http_port": 0, "grpc_port": 0, "web_port": 0}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.service = Service(Settings(**(known | settings)))
        self._run(self.service.start())
        self.app: FastAPI = create_app(self.service, SampleData(self.service))
        self.client = self.new_client()

    def new_client(self, **options: Any) -> TestClient:
        """A client with cookies of its own; failures of the app come as answers."""
        known = {"base_url": HOST, "raise_server_exceptions": False, "follow_redirects": False}
        return TestClient(self.app, **(known | options))

    def send(self, *requests: Request) -> None:
        """Sends exports over OTLP/HTTP, and waits until every later answer has them."""
        address = urlsplit(self.service.endpoints.http).netloc
        connection = http.client.HTTPConnection(address, timeout=30)
        for request in requests:
            signal = _SIGNALS[type(request).__name__.removeprefix("Export")[:5]]
            headers = {"Content-Type": "application/x-protobuf"}
            connection.request("POST", f"/v1/{signal}", request.SerializeToString(), headers)
            answer = connection.getresponse()
            assert answer.status == 200, answer.read()
            answer.read()
        connection.close()
        self.settle()

    def settle(self) -> None:
        """Waits until everything answered by now is applied, stitched and derived.

        Questions themselves wait a moment, which is too short where tests share a slow machine.
        """
        assert self.service.writer.wait_visible(60)
        for follower in (self.service.stitcher, self.service.deriver):
            assert follower.wait_reached(120), follower.lag

    def get(self, path: str, **parameters: Any) -> Any:
        """The JSON of an API call that succeeds."""
        answer = self.client.get(f"/api/v1{path}", params=parameters)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def stop(self) -> None:
        """Stores what was taken and closes the files and ports."""
        self.client.close()
        self._run(self.service.stop())
        self.service.web_socket.close()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(60)
