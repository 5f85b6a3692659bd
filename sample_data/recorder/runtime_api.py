"""The Lambda Runtime API of one execution environment.

A runtime inside the environment asks for the next invocation and posts its answer; see "Using the
Lambda runtime API for custom runtimes" in the AWS Lambda developer guide.
"""

import queue
import threading
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PREFIX = "/2018-06-01/runtime/"


@dataclass(frozen=True)
class Invocation:
    """What the runtime is given for one attempt."""

    request_id: str
    event: bytes
    arn: str
    trace_header: str
    deadline_ms: int


@dataclass(frozen=True)
class Answer:
    """What the runtime gave back, and when it arrived."""

    payload: bytes
    error_type: str | None
    at_ns: int


class _QuietServer(ThreadingHTTPServer):
    """A server whose client may be killed at any moment: that is what a timeout does."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass


class RuntimeApi:
    """One loopback server for one environment; ends with `close`."""

    def __init__(self) -> None:
        self.ready = threading.Event()
        """Set when the runtime first asks for work: the end of the init phase."""
        self._work: queue.Queue[Invocation | None] = queue.Queue()
        self.answers: queue.Queue[Answer] = queue.Queue()
        self._server = _QuietServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def address(self) -> str:
        """`host:port` for AWS_LAMBDA_RUNTIME_API."""
        return f"127.0.0.1:{self._server.server_address[1]}"

    def hand(self, invocation: Invocation) -> None:
        """Gives the runtime its next invocation."""
        self._work.put(invocation)

    def close(self) -> None:
        """Ends the server and releases a runtime that waits for work."""
        self._work.put(None)
        self._server.shutdown()
        self._server.server_close()

    def _handler(api) -> type[BaseHTTPRequestHandler]:  # noqa: N805 - the inner self is the request
        class Serve(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_GET(self) -> None:
                api.ready.set()
                invocation = api._work.get()
                if invocation is None:
                    self.close_connection = True
                    return
                self.send_response(200)
                self.send_header("Lambda-Runtime-Aws-Request-Id", invocation.request_id)
                self.send_header("Lambda-Runtime-Deadline-Ms", str(invocation.deadline_ms))
                self.send_header("Lambda-Runtime-Invoked-Function-Arn", invocation.arn)
                self.send_header("Lambda-Runtime-Trace-Id", invocation.trace_header)
                self._send(invocation.event)

            def do_POST(self) -> None:
                at_ns = time.time_ns()
                payload = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                error = None
                if self.path.endswith("/error"):
                    error = self.headers.get("Lambda-Runtime-Function-Error-Type", "Unhandled")
                if self.path.startswith(PREFIX + "invocation/"):
                    api.answers.put(Answer(payload, error, at_ns))
                self.send_response(202)
                self._send(b'{"status":"OK"}')

            def _send(self, body: bytes) -> None:
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        return Serve
