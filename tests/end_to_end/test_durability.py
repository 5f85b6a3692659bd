"""What was answered stays: kill -9, overload, shutdown under load, a full disk."""

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from benchmarks import ledger
from tests import build
from tests.end_to_end import serving
from tests.end_to_end.disk import SmallDisk, small_disk
from tests.end_to_end.senders import Crowd, assert_stored_once
from tests.end_to_end.serving import Server

_FULL = re.compile("No space|File too large|disk is full|free on the disk")
Serve = Callable[..., Server]


@pytest.mark.parametrize(
    "rounds", [5, pytest.param(100, marks=[pytest.mark.slow, pytest.mark.timeout(1800)])]
)
def test_kill_9_under_load_loses_nothing_and_doubles_nothing(tmp_path: Path, rounds: int) -> None:
    """Senders write down each answered span; the server is killed at random moments."""
    outcome = ledger.run(tmp_path, rounds=rounds)

    assert outcome.answered > 0
    assert outcome.resent > 0
    assert (outcome.lost, outcome.twice) == (0, 0), outcome


def test_overload_is_told_to_senders_and_loses_nothing(serve: Serve) -> None:
    """Beyond the bytes in flight senders get 429 or 503 with Retry-After, not our memory."""
    server = serve("--set", "max_in_flight_bytes=256KiB")
    crowd = Crowd(server, senders=12, spans=256, pause_s=0.002)
    serving.until(lambda: _refused(crowd) > 50 and crowd.statuses[200] > 200, timeout_s=120)
    crowd.end()
    memory_mib = server.rss_mib

    statuses = crowd.statuses
    assert set(statuses) <= {200, 429, 503}
    assert all(text is not None and int(text) >= 1 for text in crowd.retry_after)
    assert memory_mib < 640
    assert server.send("traces", _export("after the rush")).status == 200
    assert server.stop() == 0
    assert_stored_once(server.db, crowd.answered)


def test_sigterm_while_clients_send_keeps_what_was_answered(serve: Serve) -> None:
    """A graceful end answers or refuses each request, stores the answered, exits with 0."""
    server = serve()
    crowd = Crowd(server, senders=6, spans=64)
    serving.until(lambda: crowd.statuses[200] > 100)
    exit_code = server.stop()
    crowd.wait()

    assert exit_code == 0, server.said
    assert set(crowd.statuses) <= {200, 503}
    assert len(crowd.answered) > 0
    assert_stored_once(server.db, crowd.answered)


@pytest.fixture
def on_small_disk(tmp_path: Path, serve: Serve) -> Iterator[tuple[Server, SmallDisk]]:
    """A server whose database lies on a disk of 320 MiB."""
    with small_disk(tmp_path / "disk", size_mib=320) as disk:
        options = ("--set", "checkpoint_bytes=1MiB")
        server = serve(*options, db=disk.folder / "t.duckdb", launcher=disk.launcher)
        yield server, disk
        server.kill()


def test_a_full_disk_loses_nothing_and_recovers_by_itself(
    on_small_disk: tuple[Server, SmallDisk], tmp_path: Path
) -> None:
    """Senders are told to retry while it is full; what was answered before and after is there."""
    server, disk = on_small_disk
    crowd = Crowd(server, senders=3, spans=64, pause_s=0.02)
    serving.until(lambda: crowd.statuses[200] > 20)
    disk.fill(server)
    serving.until(lambda: crowd.statuses[503] > 5, timeout_s=60)
    assert server.process.poll() is None
    assert server.ask("GET", f"{server.web}/traces").status == 200

    disk.free(server)
    answered = crowd.statuses[200]
    serving.until(lambda: crowd.statuses[200] > answered + 20, timeout_s=60)
    crowd.end()
    assert set(crowd.statuses) <= {200, 429, 503}
    assert all(text is not None and int(text) >= 1 for text in crowd.retry_after)
    serving.until(lambda: server.ask("GET", f"{server.web}/readyz").status == 200)
    assert server.stop() == 0
    assert_stored_once(disk.take_out("t.duckdb", tmp_path), crowd.answered)


def test_a_full_disk_is_told_to_the_operator_once(on_small_disk: tuple[Server, SmallDisk]) -> None:
    """One sentence in the log however many senders are refused, one when it is over; not ready."""
    server, disk = on_small_disk
    assert server.send("traces", _export("before")).status == 200
    disk.fill(server)
    crowd = Crowd(server, senders=3, spans=64, pause_s=0.02)
    serving.until(lambda: crowd.statuses[503] > 50, timeout_s=60)
    ready = server.ask("GET", f"{server.web}/readyz")
    status = server.ask("GET", f"{server.web}/status")
    crowd.end()
    disk.free(server)
    serving.until(lambda: server.ask("GET", f"{server.web}/readyz").status == 200, timeout_s=60)

    told = [line for line in server.said.splitlines() if _FULL.search(line)]
    assert 1 <= len(told) <= 2, server.said
    assert ready.status == 503
    assert _FULL.search(status.text)


def _refused(crowd: Crowd) -> int:
    return crowd.statuses[429] + crowd.statuses[503]


def _export(name: str) -> bytes:
    trace_id = time.time_ns().to_bytes(16, "big")
    span = build.span(name, trace_id=trace_id, start_ns=time.time_ns())
    return build.export_request(span).SerializeToString()
