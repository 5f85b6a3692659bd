"""The HTTP door through which the played cloud invokes functions."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from .function import TRACE_HEADER
from .lambda_service import LambdaService


class LambdaDoorServer:
    """Answers `POST /invoke/NAME?wait=0|1&source=S` for the one service it is given."""

    def __init__(self) -> None:
        self.service: LambdaService | None = None
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(door) -> type[BaseHTTPRequestHandler]:  # noqa: N805 - the inner self is the request
        class Invoke(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                assert door.service is not None
                url = urlsplit(self.path)
                name = url.path.rsplit("/", 1)[1]
                query = {key: values[0] for key, values in parse_qs(url.query).items()}
                event = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                header = self.headers.get(TRACE_HEADER)
                if query["wait"] == "0":
                    door.service.invoke_later(name, event, query["source"], header)
                    self._answer(b"", None)
                    return
                outcome = door.service.invoke(
                    name, event, source=query["source"], trace_header=header
                )
                self._answer(outcome.payload, outcome.error_type)

            def _answer(self, payload: bytes, error_type: str | None) -> None:
                self.send_response(200)
                if error_type:
                    self.send_header("X-Amz-Function-Error", "Unhandled")
                self.send_header("Content-Length", str(len(payload)))
                self.end_headers()
                self.wfile.write(payload)

            def log_message(self, *_: object) -> None:
                pass

        return Invoke
