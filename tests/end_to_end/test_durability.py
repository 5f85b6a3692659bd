"""What was answered stays: kill -9, overload, shutdown under load, a full disk."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks import ledger
from tests import build
from tests.end_to_end import serving
from tests.end_to_end.disk import SmallDisk
from tests.end_to_end.senders import Crowd, assert_stored_once
from tests.end_to_end.serving import Server

Serve = Callable[..., Server]


@pytest.mark.parametrize("rounds", [5, pytest.param(100, marks=pytest.mark.slow)])
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
    time.sleep(6)
    crowd.end()
    memory_mib = server.rss_mib

    statuses = crowd.statuses
    assert set(statuses) <= {200, 429, 503}
    assert statuses[200] > 0
    assert statuses[429] + statuses[503] > 0
    assert all(text is not None and int(text) >= 1 for text in crowd.retry_after)
    assert memory_mib < 640
    assert server.send("traces", _export("after the rush")).status == 200
    assert server.stop() == 0
    assert_stored_once(server.db, crowd.answered)


def test_sigterm_while_clients_send_keeps_what_was_answered(serve: Serve) -> None:
    """A graceful end answers or refuses each request, stores the answered, exits with 0."""
    server = serve()
    crowd = Crowd(server, senders=6, spans=64)
    time.sleep(2)
    exit_code = server.stop()
    crowd.wait()

    assert exit_code == 0, server.said
    assert set(crowd.statuses) <= {200, 503}
    assert len(crowd.answered) > 0
    assert_stored_once(server.db, crowd.answered)


def test_a_full_disk_is_told_once_and_recovered_from(tmp_path: Path, serve: Serve) -> None:
    """Senders may retry, the operator reads one sentence, and room alone mends it."""
    disk = SmallDisk(tmp_path / "disk", size_mib=48)
    server = serve(
        "--set", "checkpoint_bytes=1MiB", db=disk.folder / "t.duckdb", launcher=disk.launcher
    )
    disk.attach(server.process.pid)
    assert server.send("traces", _export("before")).status == 200

    disk.fill()
    refused = serving.until(lambda: _refusal(server), timeout_s=30)
    assert refused.status == 503
    assert int(refused.headers["Retry-After"]) >= 1
    assert server.process.poll() is None
    complaints = [line for line in server.said.splitlines() if line.strip()]
    assert any("disk" in line or "space" in line for line in complaints), server.said
    assert len(complaints) <= 3, server.said

    disk.free()
    serving.until(lambda: server.send("traces", _export("afterwards")).status == 200, timeout_s=30)
    names = serving.until(lambda: _names(server) >= {"before", "afterwards"}, timeout_s=30)
    assert names
    serving.until(lambda: server.ask("GET", f"{server.web}/readyz").status == 200)


def _export(name: str) -> bytes:
    return build.export_request(
        build.span(name, trace_id=build_id(), start_ns=time.time_ns())
    ).SerializeToString()


def build_id() -> bytes:
    """A trace id no other export has."""
    return time.time_ns().to_bytes(16, "big")


def _refusal(server: Server) -> serving.Answer | None:
    """Sends half a megabyte; gives the answer once it is not 200."""
    spans = [
        build.span("filling", trace_id=build_id(), attributes={"pad": "x" * 10_000})
        for _ in range(50)
    ]
    answer = server.send("traces", build.export_request(*spans).SerializeToString())
    return answer if answer.status != 200 else None


def _names(server: Server) -> set[str]:
    return {trace["root_name"] for trace in server.get("/api/v1/traces", since="-10m")["traces"]}
