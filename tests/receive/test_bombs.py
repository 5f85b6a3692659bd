"""Compression bombs through the ports: refused, bounded in memory, and nothing else suffers."""

import gzip
import threading
import zlib
from pathlib import Path

import grpc
import pytest

from collector.batch import Signal
from collector.receive.decompress import zstd
from tests.build import export_request, span
from tests.receive.conftest import PROTOBUF, Collector, Start, until

MIB = 1024**2


def resident_mib() -> float:
    """Memory of this process, which the collector shares with its clients here."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / MIB


@pytest.fixture(scope="module")
def small(start: Start) -> Collector:
    """A collector that takes 4 MiB a request and 16 MiB at a time."""
    return start(max_request_bytes=4 * MIB, max_in_flight_bytes=16 * MIB)


# Made by the test that needs one: each takes a second.
BOMBS = {
    "gzip": lambda: gzip.compress(b"\0" * (300 * MIB), 9),
    "deflate": lambda: zlib.compress(b"\0" * (300 * MIB), 9),
    "zstd": lambda: zstd.compress(b"\0" * (300 * MIB)),
}


@pytest.mark.parametrize("encoding", BOMBS)
def test_many_bombs_at_once_cost_a_bounded_amount(small: Collector, encoding: str) -> None:
    """Sixteen at once: each is refused for its size or for want of room; good exports pass."""
    headers = PROTOBUF | {"Content-Encoding": encoding}
    bomb = BOMBS[encoding]()
    statuses: list[int] = []

    def attack() -> None:
        statuses.append(small.post(Signal.TRACES, bomb, headers).status)

    before = resident_mib()
    threads = [threading.Thread(target=attack) for _ in range(16)]
    for thread in threads:
        thread.start()
    highest = before
    while any(thread.is_alive() for thread in threads):
        highest = max(highest, resident_mib())
        threads[0].join(0.01)
        threads = [thread for thread in threads if thread.is_alive()] or threads[:1]
    good = small.post(Signal.TRACES, export_request(span()).SerializeToString())

    assert set(statuses) <= {413, 429}
    assert highest - before < 128  # unbounded it would be 4,800; client threads need some
    assert good.status == 200
    assert small.service.writer.wait_visible(60)
    until(small.is_idle)


@pytest.mark.parametrize("compression", [grpc.Compression.Gzip, grpc.Compression.Deflate])
def test_a_bomb_over_grpc_is_inflated_within_the_limit(
    small: Collector, compression: grpc.Compression
) -> None:
    """gRPC hands it over as sent; here it stops at the limit."""
    body = b"\0" * (200 * MIB)
    before = resident_mib()
    with grpc.insecure_channel(
        small.grpc_target, options=[("grpc.max_send_message_length", -1)]
    ) as channel:
        method = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
        call = channel.unary_unary(method).future(body, compression=compression, timeout=60)

        assert call.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert "after decompression" in call.details()
    assert resident_mib() - before < 64
