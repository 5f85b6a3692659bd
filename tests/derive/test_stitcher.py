"""The stitcher keeps event traces up to date: late data, ids, hubs, restarts, kills, retention."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from duckdb import DuckDBPyConnection as Cursor

from collector.derive import cutting
from tests.derive.stitched import Record, StitchedStore

T0_NS = 1_700_000_000_000_000_000
SECOND = 10**9
MESSAGE = "6f1c2d3e-4a5b-4c6d-8e7f-0123456789ab"


def span(trace: int, at_s: float = 0, span_id: int = 1, **said: Any) -> Record:
    """A span of a trace of that number."""
    row = {
        "trace_id": trace.to_bytes(16, "big"),
        "span_id": span_id,
        "name": "handle",
        "kind": 2,
        "start_ns": T0_NS + int(at_s * SECOND),
        "duration_ns": SECOND // 10,
        "status_code": 0,
        "function": f"f{trace}",
        "trigger": "pubsub",
    }
    return [("spans", row | said)]


def sent(trace: int, message: str = MESSAGE, at_s: float = 0) -> Record:
    """The span that sends a message."""
    return span(trace, at_s, kind=4, message_id=message, destination="orders", trigger="http")


def taken(trace: int, message: str = MESSAGE, at_s: float = 1) -> Record:
    """The span that takes it."""
    return span(trace, at_s, kind=5, message_id=message, destination="orders")


def ids(store: StitchedStore) -> list[int]:
    """Of the event traces, the earliest first."""
    return [
        row[0] for row in store.rows("select event_trace_id from event_traces order by start_ns")
    ]


def test_late_telemetry_merges_and_the_older_id_stays(store: StitchedStore) -> None:
    """The consumer came first: its id stays; the sender's fragment leads to it."""
    store.commit([taken(2)])
    store.stitch()
    [older] = ids(store)
    store.commit([sent(1)])
    store.stitch()

    assert ids(store) == [older]
    assert store.rows("select distinct event_trace_id from fragments") == [(older,)]


def test_an_id_that_was_merged_away_leads_to_the_event(store: StitchedStore) -> None:
    """Two event traces become one: both ids are those of its fragments."""
    store.commit([span(1, correlation_id="ord-1", trigger="http")])
    store.commit([taken(3)])
    store.stitch()
    first, second = ids(store)
    store.commit([sent(2, at_s=0.5)])
    store.stitch()
    store.commit([span(2, 0.6, span_id=2, kind=1, correlation_id="ord-1", parent_span_id=1)])
    store.stitch()

    assert len(ids(store)) == 1
    assert {first, second} <= {row[0] for row in store.rows("select fragment_id from fragments")}


def test_a_key_that_becomes_a_hub_lets_go(tmp_path: Path) -> None:
    """What it had joined falls apart when one more holds it, whatever each commit held."""
    store = StitchedStore(tmp_path, hub_bound=3)
    for trace in range(1, 4):
        store.commit([span(trace, trace / 10, correlation_id="ord-1")])
        store.stitch()
    joined = len(ids(store))
    store.commit([span(4, 0.4, correlation_id="ord-1")])
    store.stitch()

    assert joined == 1
    assert len(ids(store)) == 4
    assert store.rows("select reason, value from ignored_keys") == [("hub", "ord-1")]
    store.close()


def test_a_commit_nobody_reported_is_stitched(store: StitchedStore) -> None:
    """It works by its own progress: a new stitcher finds what came while there was none."""
    store.commit([sent(1)])
    store.commit([taken(2)])
    store.restart()
    store.stitch()

    assert len(ids(store)) == 1
    assert store.rows("select stitched_seq from stitching_progress") == [(2,)]


def test_another_hash_function_starts_over(store: StitchedStore) -> None:
    """Keys are hashes of DuckDB's: when it hashes otherwise everything is derived again."""
    store.commit([sent(1), taken(2)])
    store.stitch()
    store.database.write(
        lambda cursor: cursor.execute("update stitching_progress set hash_fingerprint = 1")
    )
    store.database.write(lambda cursor: cursor.execute('update fragment_keys set "key" = 1'))
    store.restart()
    store.stitch()

    assert len(ids(store)) == 1
    assert store.rows('select count(*) from fragment_keys where "key" = 1') == [(0,)]


def test_the_thread_stitches_what_is_committed(store: StitchedStore) -> None:
    """Woken by the commit; a reader can wait for it."""
    store.stitcher.start()
    store.commit([sent(1), taken(2)])

    assert eventually(lambda: store.stitcher.wait_reached(10))
    assert len(ids(store)) == 1
    assert store.stitcher.lag.exports == 0
    store.stitcher.stop()


def eventually(true: Callable[[], bool], seconds: float = 60) -> bool:
    """Waits until something is true."""
    deadline = time.monotonic() + seconds
    while not true() and time.monotonic() < deadline:
        time.sleep(0.01)
    return true()


def test_a_fault_is_shown_and_forgotten(store: StitchedStore, monkeypatch: Any) -> None:
    """The thread outlives what fails, says so, and says so no more when it works again."""
    good = cutting.run_end

    def bad(*_: Any) -> Any:
        raise ValueError("broken")

    monkeypatch.setattr(cutting, "run_end", bad)
    store.stitcher.start()
    store.commit([sent(1)])
    assert eventually(lambda: store.stitcher.last_error == "ValueError: broken")
    assert not store.stitcher.wait_reached(0.1)
    assert not store.stitcher.healthy
    monkeypatch.setattr(cutting, "run_end", good)

    assert eventually(lambda: store.stitcher.wait_reached(10))
    assert eventually(lambda: store.stitcher.healthy)
    store.stitcher.stop()


def test_derived_rows_go_with_their_telemetry(store: StitchedStore) -> None:
    """What was derived from deleted exports only is deleted, the rest is not."""
    store.commit([sent(1), taken(2)])
    store.stitch()
    store.commit([span(3)])
    store.stitch()

    def delete(cursor: Cursor) -> None:
        cursor.execute("delete from spans where export_seq <= 1")
        cursor.execute("update progress set deleted_seq = 1")

    store.database.write(delete)
    store.stitch()

    assert len(ids(store)) == 1
    assert store.rows("select count(*) from fragments") == [(1,)]
    assert store.rows("select count(*) from fragment_keys where run <= 1") == [(0,)]


def test_old_keys_are_found_by_a_sweep(store: StitchedStore, monkeypatch: Any) -> None:
    """Beyond the newest keys a run does not search; a sweep joins what belongs together."""
    store.commit([sent(1)])
    store.stitch()
    store.commit([span(trace, trace) for trace in range(10, 20)])
    store.stitch()
    monkeypatch.setattr("collector.derive.stitcher.HOT_ROWS", 4)
    store.restart()
    store.commit([taken(2)])
    store.commit([span(1, 0.01, span_id=2, kind=1, parent_span_id=1)])
    store.stitch()
    store.stitch()

    assert store.stitcher.sweeps
    [(_, fragments, spans)] = store.rows(
        "select event_trace_id, count(*), sum(span_count) from fragments"
        " where trace_id in ('00000000-0000-0000-0000-000000000001',"
        " '00000000-0000-0000-0000-000000000002') group by all"
    )
    assert (fragments, spans) == (2, 3)


_KILLED = """
import sys
from pathlib import Path
from tests.derive.stitched import StitchedStore
from tests.derive.test_stitcher import sent, taken
store = StitchedStore(Path(sys.argv[1]))
store.stitcher.start()
for number in range(1, 4000):
    message = f"6f1c2d3e-4a5b-4c6d-8e7f-{number:012d}"
    store.commit([sent(2 * number, message), taken(2 * number + 1, message)])
    if number == 1:
        print("begun", flush=True)
"""


@pytest.mark.parametrize("after_s", [0.3, 0.7, 1.2])
def test_a_killed_stitcher_resumes(tmp_path: Path, after_s: float) -> None:
    """kill -9 at any moment: the next one ends with the event traces of all that was committed."""
    process = subprocess.Popen(
        [sys.executable, "-c", _KILLED, str(tmp_path)], stdout=subprocess.PIPE, cwd=Path.cwd()
    )
    with process:
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(after_s)
        os.kill(process.pid, signal.SIGKILL)
    store = StitchedStore(tmp_path)
    [(applied,)] = store.rows("select applied_seq from progress")
    store.stitch()

    assert applied > 0
    assert len(ids(store)) == applied
    assert all(len(event) == 2 for event in store.events())
    store.close()
