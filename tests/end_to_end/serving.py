"""The real ``lockstitch serve`` as a process of its own: started, asked, ended by its id."""

import json
import re
import signal
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from email.message import Message
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psutil

ROOT = Path(__file__).parents[2]
LOCKSTITCH = (sys.executable, "-m", "web")  # the command, of this checkout
_STARTED_S = 120
_FREE_PORTS = ("--http-port", "0", "--grpc-port", "0", "--web-port", "0")
# What the server itself counts as answered but not yet in every answer.
_BEHIND = re.compile(
    r"^lockstitch_(?:records_waiting\{.*\}|underived_exports|unstitched_exports) (\S+)$",
    re.MULTILINE,
)
_ENDPOINT = re.compile(r"(look here|OTLP/HTTP|OTLP/gRPC)\s+(https?://\S+)")


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer, whatever its status."""

    status: int
    headers: Message
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(slots=True)
class Server:
    """A running server: where it listens, and what it wrote."""

    process: subprocess.Popen[bytes]
    db: Path
    web: str
    http: str
    grpc: str
    out: Path
    err: Path
    tls: ssl.SSLContext | None = field(default=None)

    def get(self, path: str, **query: Any) -> Any:
        """JSON of a GET on the web port; anything but 200 fails the test."""
        answer = self.ask("GET", self.web + path + (f"?{urlencode(query)}" if query else ""))
        assert answer.status == 200, f"GET {path} {query}: {answer.status} {answer.text[:500]}"
        return answer.json

    def send(self, signal_name: str, body: bytes, **headers: str) -> Answer:
        """POSTs one protobuf export (``Content_Encoding="gzip"`` and the like are headers)."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        named.setdefault("Content-Type", "application/x-protobuf")
        return self.ask("POST", f"{self.http}/v1/{signal_name}", body, named)

    def ask(
        self, method: str, url: str, body: bytes | None = None, headers: Mapping[str, str] = {}
    ) -> Answer:
        """One HTTP request; statuses of failure are answers too."""
        request = urllib.request.Request(url, body, dict(headers), method=method)
        try:
            with urllib.request.urlopen(request, timeout=60, context=self.tls) as answer:
                return Answer(answer.status, answer.headers, answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, error.headers, error.read())

    def settle(self, timeout_s: float = 120) -> None:
        """Waits until everything answered by now is applied, stitched and derived.

        Questions themselves wait a moment, which is too short on a slow machine.
        """
        # Twice: a record counts as stored a moment before its export counts as applied.
        until(lambda: self._is_settled() and self._is_settled(), timeout_s)

    def _is_settled(self) -> bool:
        self.get("/api/v1/functions", since="-1m")  # being asked is what hurries it
        behind = _BEHIND.findall(self.ask("GET", f"{self.web}/metrics").text)
        assert len(behind) == 5, behind
        return not any(map(float, behind))

    @property
    def rss_mib(self) -> float:
        """Resident memory now, MiB."""
        return float(psutil.Process(self.process.pid).memory_info().rss / 2**20)

    @property
    def said(self) -> str:
        """Standard error so far."""
        return self.err.read_text()

    def stop(self, timeout_s: float = 60) -> int:
        """Asks the process to end as an operator does; returns its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout_s)

    def kill(self) -> None:
        """Ends the process at once, without a chance to tidy up."""
        self.process.kill()
        self.process.wait()


def run(
    *arguments: str, stdin: str = "", timeout_s: float = 180
) -> subprocess.CompletedProcess[str]:
    """Runs a ``lockstitch`` command to its end."""
    return subprocess.run(
        [*LOCKSTITCH, *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        timeout=timeout_s,
        cwd=ROOT,
        check=False,
    )


def start(
    db: Path,
    *options: str,
    tls: ssl.SSLContext | None = None,
    launcher: Sequence[str] = (),
    program: Sequence[str] = LOCKSTITCH,
) -> Server:
    """Starts a server on free ports of loopback and returns when it takes requests.

    ``launcher`` is a command that becomes the server, such as one that sets its limits first.
    """
    out, err = db.with_suffix(".out"), db.with_suffix(".err")  # outside, when db is on a mount
    with out.open("wb") as to_out, err.open("wb") as to_err:
        process = subprocess.Popen(
            [*launcher, *program, "serve", "--db", str(db), *_FREE_PORTS, *options],
            stdout=to_out,
            stderr=to_err,
            cwd=ROOT,
        )
    deadline = time.monotonic() + _STARTED_S
    while "Ctrl-C" not in out.read_text():
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            raise RuntimeError(f"no server, exit code {process.wait()}: {err.read_text()}")
        time.sleep(0.02)
    at = dict(_ENDPOINT.findall(out.read_text()))
    return Server(process, db, at["look here"], at["OTLP/HTTP"], at["OTLP/gRPC"], out, err, tls)


def until(true: Callable[[], Any], timeout_s: float = 60, every_s: float = 0.05) -> Any:
    """Waits for something to become true and returns it; fails the test when it does not."""
    deadline = time.monotonic() + timeout_s
    while not (value := true()):
        assert time.monotonic() < deadline, f"not so after {timeout_s} s: {true}"
        time.sleep(every_s)
    return value
