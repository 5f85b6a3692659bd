"""A closed-loop OTLP/HTTP load generator: one process, many connections, raw sockets and epoll.

Run as a module it is told what to send on its command line and prints one JSON line. Bodies are
made before the clock starts, so that the generator takes as little of the shared cores as it can.
"""

import argparse
import json
import select
import socket
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from benchmarks.otlp_json import to_json
from benchmarks.shape import SpanExports


@dataclass(slots=True)
class _Connection:
    socket: socket.socket
    unsent: memoryview = field(default_factory=lambda: memoryview(b""))
    received: bytearray = field(default_factory=bytearray)
    sent_at: float = 0.0
    refused: bool = False


@dataclass(slots=True)
class Tally:
    """What came back: seconds per answered request, and answers by status."""

    seconds: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    retry_after: int = 0


def drive(
    address: tuple[str, int], requests: Iterator[bytes], connections: int, seconds: float
) -> tuple[Tally, float]:
    """Keeps ``connections`` requests in flight; returns what came back, and the seconds."""
    poll, tally = select.epoll(), Tally()
    by_fd: dict[int, _Connection] = {}
    started = time.perf_counter()
    for _ in range(connections):
        _next(_connect(address, poll, by_fd), requests)
    deadline, busy = started + seconds, len(by_fd)
    while busy:
        for descriptor, event in poll.poll(30):
            connection = by_fd[descriptor]
            if event & select.EPOLLOUT:
                _push(connection, poll)
            if event & (select.EPOLLIN | select.EPOLLHUP) and _answered(connection, tally):
                if connection.refused:
                    connection = _again(connection, address, poll, by_fd)
                if time.perf_counter() < deadline and _next(connection, requests):
                    _push(connection, poll)
                else:
                    poll.unregister(connection.socket)
                    connection.socket.close()
                    busy -= 1
    return tally, time.perf_counter() - started


def _connect(
    address: tuple[str, int], poll: select.epoll, by_fd: dict[int, _Connection]
) -> _Connection:
    connection = _Connection(socket.create_connection(address))
    connection.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.socket.setblocking(False)
    by_fd[connection.socket.fileno()] = connection
    poll.register(connection.socket, select.EPOLLIN | select.EPOLLOUT)
    return connection


def _again(
    old: _Connection,
    address: tuple[str, int],
    poll: select.epoll,
    by_fd: dict[int, _Connection],
) -> _Connection:
    """A server may close after a refusal it gave without reading the body: connects anew."""
    poll.unregister(old.socket)
    del by_fd[old.socket.fileno()]
    old.socket.close()
    return _connect(address, poll, by_fd)


def _next(connection: _Connection, requests: Iterator[bytes]) -> bool:
    request = next(requests, None)
    connection.unsent = memoryview(request or b"")
    connection.sent_at = time.perf_counter()
    return request is not None


def _push(connection: _Connection, poll: select.epoll) -> None:
    try:
        while connection.unsent:
            connection.unsent = connection.unsent[connection.socket.send(connection.unsent) :]
    except BlockingIOError:
        poll.modify(connection.socket, select.EPOLLIN | select.EPOLLOUT)
        return
    poll.modify(connection.socket, select.EPOLLIN)


def _answered(connection: _Connection, tally: Tally) -> bool:
    data = connection.socket.recv(65536)
    if not data:
        raise ConnectionError("the server closed a connection in the middle of a request")
    connection.received += data
    head, found, rest = connection.received.partition(b"\r\n\r\n")
    if not found:
        return False
    lower = head.lower()
    at = lower.find(b"content-length:")
    length = int(lower[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
    if len(rest) < length:
        return False
    tally.seconds.append(time.perf_counter() - connection.sent_at)
    status = int(head[9:12])
    connection.refused = status != 200
    tally.statuses[status] += 1
    tally.retry_after += b"retry-after:" in lower
    connection.received.clear()
    return True


def bodies(spans: int, count: int, seed: int, kind: str) -> list[bytes]:
    """``count`` distinct exports of ``spans`` spans, as protobuf or JSON."""
    exports = SpanExports(spans, seed)
    made = [exports.make()[0] for _ in range(count)]
    return [to_json(body) for body in made] if kind == "json" else made


def _requests(made: list[bytes], host: str, kind: str) -> list[bytes]:
    content = "application/json" if kind == "json" else "application/x-protobuf"
    head = (
        f"POST /v1/traces HTTP/1.1\r\nHost: {host}\r\nContent-Type: {content}\r\nContent-Length: "
    )
    return [f"{head}{len(body)}\r\n\r\n".encode() + body for body in made]


def main() -> None:
    """Makes the bodies, waits for a line on standard input, drives, prints what it measured."""
    parse = argparse.ArgumentParser()
    parse.add_argument("--host", default="127.0.0.1")
    parse.add_argument("--port", type=int, required=True)
    parse.add_argument("--spans", type=int, default=512)
    parse.add_argument("--connections", type=int, default=4)
    parse.add_argument("--seconds", type=float, default=10)
    parse.add_argument("--count", type=int, default=2000)
    parse.add_argument("--seed", type=int, default=1)
    parse.add_argument("--kind", choices=["protobuf", "json"], default="protobuf")
    given = parse.parse_args()
    made = _requests(
        bodies(given.spans, given.count, given.seed, given.kind), given.host, given.kind
    )
    print("ready", flush=True)
    sys.stdin.readline()
    tally, elapsed = drive((given.host, given.port), iter(made), given.connections, given.seconds)
    quantiles = np.quantile(np.array(tally.seconds) * 1000, [0.5, 0.99, 0.999, 1.0])
    print(
        json.dumps(
            {
                "elapsed_s": elapsed,
                "requests": len(tally.seconds),
                "ok": tally.statuses[200],
                "statuses": dict(tally.statuses),
                "retry_after": tally.retry_after,
                "bytes_per_request": len(made[0]),
                "p50_ms": quantiles[0],
                "p99_ms": quantiles[1],
                "p999_ms": quantiles[2],
                "max_ms": quantiles[3],
            }
        )
    )


if __name__ == "__main__":
    main()
