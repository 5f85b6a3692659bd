"""Starts the real server as its own process and reads what it costs."""

import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

_ANY_PORTS = ("--http-port", "0", "--grpc-port", "0", "--web-port", "0")
WORK = Path(__file__).parent / ".work"


@dataclass(slots=True)
class Server:
    """A running ``lockstitch serve`` and the ports it printed."""

    process: subprocess.Popen[str]
    db: Path
    http_port: int
    grpc_port: int
    web_port: int

    @property
    def cpu_s(self) -> float:
        """User and system seconds used so far."""
        times = psutil.Process(self.process.pid).cpu_times()
        return times.user + times.system

    @property
    def rss_mib(self) -> float:
        """Resident memory now, MiB."""
        return psutil.Process(self.process.pid).memory_info().rss / 2**20

    def told(self, *names: str) -> float:
        """The sum of these metrics of its own, over all their labels."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.web_port}/metrics") as answer:
            text = answer.read().decode()
        found = re.findall(rf"^(?:{'|'.join(names)})(?:{{.*}})? (\S+)$", text, re.MULTILINE)
        return sum(map(float, found))


def start(db: Path, *options: str) -> Server:
    """Starts a server on free ports and returns when it takes requests."""
    process = subprocess.Popen(
        [sys.executable, "-m", "web", "serve", "--db", str(db), *_ANY_PORTS, *options],
        stdout=subprocess.PIPE,
        text=True,
    )
    ports: dict[str, int] = {}
    assert process.stdout is not None
    for line in process.stdout:
        if found := re.search(r"(look here|OTLP/HTTP|OTLP/gRPC)\s+https?://[^:]+:(\d+)", line):
            ports[found[1]] = int(found[2])
        if "Ctrl-C" in line:
            return Server(process, db, ports["OTLP/HTTP"], ports["OTLP/gRPC"], ports["look here"])
    raise RuntimeError(f"the server did not start: exit code {process.wait()}")


def stop(server: Server) -> float:
    """Asks the server to end and waits; returns the seconds it took."""
    began = time.perf_counter()
    with server.process:  # closes its output
        server.process.send_signal(signal.SIGTERM)
        server.process.wait(timeout=120)
    return time.perf_counter() - began


@contextmanager
def running(name: str, *options: str) -> Iterator[Server]:
    """A server on a fresh database under the work folder, ended and removed afterwards."""
    folder = WORK / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    server = start(folder / "bench.duckdb", *options)
    try:
        yield server
    finally:
        if server.process.poll() is None:
            stop(server)
        shutil.rmtree(folder, ignore_errors=True)
