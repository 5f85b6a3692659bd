"""Drives a real server with the load generator and reads rate, answer times, CPU and memory."""

import json
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field

from benchmarks.process import Server


@dataclass(frozen=True, slots=True)
class Run:
    """One load against one server. Rates count only what was answered 200."""

    spans: int
    seconds: float
    requests: int
    statuses: dict[str, int]
    retry_after: int
    p50_ms: float
    p99_ms: float
    p999_ms: float
    max_ms: float
    server_cpu_s: float
    rss_mib: list[float] = field(default_factory=list)

    @property
    def spans_per_s(self) -> float:
        return self.spans / self.seconds

    @property
    def requests_per_s(self) -> float:
        return self.requests / self.seconds

    @property
    def spans_per_cpu_s(self) -> float:
        return self.spans / self.server_cpu_s


class _Memory:
    """Samples the resident memory of a server twice a second."""

    def __init__(self, server: Server) -> None:
        self.samples: list[float] = []
        self._server, self._ended = server, threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)

    def __enter__(self) -> list[float]:
        self._thread.start()
        return self.samples

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _sample(self) -> None:
        while not self._ended.wait(0.5):
            self.samples.append(self._server.rss_mib)


def http(
    server: Server,
    *,
    spans: int,
    connections: int,
    seconds: float,
    count: int,
    kind: str = "protobuf",
    seed: int = 1,
    module: str = "benchmarks.load",
) -> Run:
    """Keeps ``connections`` exports in flight and reads what the server made of it.

    The server's CPU time is read when everything answered has also been stored, so that no work
    is left out of the figure.
    """
    port = server.grpc_port if module.endswith("grpc") else server.http_port
    options = {
        "port": port,
        "spans": spans,
        "connections": connections,
        "seconds": seconds,
        "count": count,
        "seed": seed,
        "kind": kind,
    }
    command = [sys.executable, "-m", module]
    for name, value in options.items():
        command += [f"--{name}", str(value)]
    load = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert load.stdin is not None
    assert load.stdout is not None
    load.stdout.readline()
    cpu_before = server.cpu_s
    with _Memory(server) as rss:
        load.stdin.write("go\n")
        load.stdin.flush()
        result = json.loads(load.stdout.readline())
        load.wait(timeout=60)
        _wait(server, "lockstitch_records_waiting")
    return Run(
        spans=result["ok"] * spans,
        seconds=result["elapsed_s"],
        requests=result["ok"],
        statuses=result["statuses"],
        retry_after=result["retry_after"],
        p50_ms=result["p50_ms"],
        p99_ms=result["p99_ms"],
        p999_ms=result["p999_ms"],
        max_ms=result["max_ms"],
        server_cpu_s=server.cpu_s - cpu_before,
        rss_mib=rss,
    )


def _wait(server: Server, *names: str, longest_s: float = 120) -> None:
    """Waits until these metrics of the server's own are 0."""
    deadline = time.monotonic() + longest_s
    while server.told(*names) and time.monotonic() < deadline:
        time.sleep(0.2)


def catch_up(server: Server) -> tuple[float, float]:
    """Waits until all is derived from what is stored: seconds it took, peak memory in MiB."""
    began = time.monotonic()
    with _Memory(server) as rss:
        _wait(server, "lockstitch_unstitched_exports", "lockstitch_underived_exports")
    return time.monotonic() - began, max(rss, default=server.rss_mib)
