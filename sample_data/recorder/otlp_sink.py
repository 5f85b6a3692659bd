"""Keeps every OTLP/HTTP export it is sent, as sent, in the order of arrival."""

import gzip
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SIGNALS = {"/v1/traces": "traces", "/v1/logs": "logs", "/v1/metrics": "metrics"}


@dataclass(frozen=True)
class Recorded:
    """One export: its signal and its uncompressed protobuf body."""

    signal: str
    body: bytes


class OtlpSink:
    """A loopback OTLP/HTTP receiver that answers success and remembers."""

    def __init__(self) -> None:
        self._exports: list[Recorded] = []
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        """The endpoint exporters are pointed at."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def keep(self, signal: str, body: bytes) -> None:
        """Appends one export; called from the threads of all exporters."""
        with self._lock:
            self._exports.append(Recorded(signal, body))

    def exports(self, signal: str) -> Iterator[bytes]:
        """The bodies of one signal in order of arrival."""
        with self._lock:
            kept = list(self._exports)
        return (export.body for export in kept if export.signal == signal)

    def close(self) -> None:
        """Stops listening; what was kept stays readable."""
        self._server.shutdown()
        self._server.server_close()

    def _handler(sink) -> type[BaseHTTPRequestHandler]:  # noqa: N805 - the inner self is the request
        class Receive(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            # Without it Nagle's algorithm holds back small answers on kept-alive connections.
            disable_nagle_algorithm = True

            def do_POST(self) -> None:
                body = self._body()
                if self.headers.get("Content-Encoding") == "gzip":
                    body = gzip.decompress(body)
                sink.keep(SIGNALS[self.path], body)
                self.send_response(200)
                self.send_header("Content-Type", "application/x-protobuf")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def _body(self) -> bytes:
                """The request's body; the JavaScript exporters send theirs in chunks."""
                if "Content-Length" in self.headers:
                    return self.rfile.read(int(self.headers["Content-Length"]))
                body = b""
                while size := int(self.rfile.readline(), 16):
                    body += self.rfile.read(size)
                    self.rfile.readline()
                self.rfile.readline()
                return body

            def log_message(self, *_: object) -> None:
                pass

        return Receive
