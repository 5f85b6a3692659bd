"""The writer: everything submitted is stored, and each export once."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collector.batch import Batch, Outcome, Signal
from collector.columns import RESOURCES
from collector.decode.group import decode_group
from collector.decode.limits import Limits
from collector.errors import Malformed
from collector.store import applier, writer
from collector.store.work import Work
from tests.build import export_request, log
from tests.store import build
from tests.store.build import Store, until

ROOT = Path(__file__).parents[2]


def test_what_was_sent_can_be_read(store: Store) -> None:
    """After the read barrier, a question sees everything sent before it."""
    store.send(b"one", b"two")

    assert store.ask("select count(*) from spans") == [(4,)]
    assert store.ask("select count(*), sum(records) from exports") == [(2, 4)]
    assert store.writer.waiting_rows == 0


def test_it_tells_how_many_rows_waited_at_most(store: Store) -> None:
    """Whoever asks learns of a peak that is over."""
    store.send(b"one", b"two", each=3)
    store.settle()

    assert store.writer.take_most_waiting() == 6
    assert store.writer.take_most_waiting() == 0


def test_exports_that_wait_share_a_commit(store: Store) -> None:
    """What comes in during the pause after a commit is one transaction."""
    store.send(b"first")
    store.settle()
    before = store.writer.applier.commits
    for number in range(50):
        store.send(b"export %d" % number)
    store.settle()

    assert store.writer.applier.commits - before < 10
    assert store.ask("select count(*) from exports") == [(51,)]


def test_an_idle_store_commits_at_once(store: Store) -> None:
    """A single export is visible without waiting for more: in less than the pause of a busy one."""
    took_s = []
    while not took_s or (min(took_s) > 0.09 and len(took_s) < 20):  # a busy machine may be slow
        store.send(b"alone %d" % len(took_s))
        store.settle()
        time.sleep(0.15)
        begun_s = time.perf_counter()
        store.send(b"then alone %d" % len(took_s))
        while store.writer.waiting_rows:
            time.sleep(0.001)
        took_s.append(time.perf_counter() - begun_s)

    assert min(took_s) < 0.09


@contextmanager
def somebody_derives(store: Store) -> Iterator[None]:
    """Another thread's transaction, open meanwhile."""
    deriving, let_go = threading.Event(), threading.Event()

    def derive(_: Any) -> None:
        deriving.set()
        let_go.wait(30)

    other = threading.Thread(target=store.database.derive, args=[derive])
    other.start()
    deriving.wait(30)
    try:
        yield
    finally:
        let_go.set()
        other.join()


def test_it_says_that_a_checkpoint_holds_it_back(tmp_path: Path) -> None:
    """While it waits for one, and as long again; not while it merely stores."""
    with Store(tmp_path, checkpoint_bytes=1) as store:
        until(lambda: store.writer.checkpoints and not store.writer.held_back)
        with somebody_derives(store):
            store.send(b"one")
            until(lambda: store.writer.held_back)
            time.sleep(0.2)
        until(lambda: store.writer.checkpoints > 1)

        assert store.writer.held_back
        until(lambda: not store.writer.held_back)


def test_a_checkpoint_is_put_off_while_somebody_derives(tmp_path: Path) -> None:
    """Rows are stored meanwhile; only a log that gets too long is waited for."""
    with Store(tmp_path, checkpoint_bytes=200_000) as store:
        until(lambda: store.writer.checkpoints and not store.writer.held_back)
        before = store.writer.checkpoints
        with somebody_derives(store):
            while store.database.log_bytes < store.database.checkpoint_bytes:
                store.send(b"more %d" % store.seq)
                store.settle()
            assert not store.writer.held_back

        assert store.writer.checkpoints == before
        store.send(b"last")
        until(lambda: store.writer.checkpoints > before)


def row_groups(store: Store) -> int:
    """Those of the table of exports."""
    found = store.rows("select count(distinct row_group_id) from pragma_storage_info('exports')")
    return int(found[0][0])


def test_row_groups_are_merged_when_nothing_comes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Checkpoints that follow each other leave what they find, so that none of them lasts."""
    with Store(tmp_path, checkpoint_bytes=1) as store:
        for number in range(8):
            store.send(b"%d" % number)
            store.settle()
            until(lambda number=number: store.writer.checkpoints > number + 1)
        assert row_groups(store) == 8

        untidy = store.writer.untidy
        monkeypatch.setattr(store.database, "checkpoint_bytes", 2**30)
        monkeypatch.setattr(writer, "_IDLE_S", 0.1)
        store.send(b"last")
        until(lambda: store.writer.untidy < untidy)
        assert row_groups(store) < 4
        assert store.ask("select count(*) from exports") == [(9,)]


def test_a_log_that_fills_slowly_is_tidied_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is time: no need to wait for idleness, which may never come."""
    monkeypatch.setattr(writer, "_TIDY_S", 0.0)
    with Store(tmp_path, checkpoint_bytes=1) as store:
        for number in range(8):
            store.send(b"%d" % number)
            store.settle()
            until(lambda number=number: store.writer.checkpoints > number + 1)

        assert row_groups(store) < 4


def test_who_reads_what_was_before_an_update_only_delays_a_checkpoint(tmp_path: Path) -> None:
    """It is no fault, and done as soon as the question is answered."""
    reading, let_go = threading.Event(), threading.Event()

    def read(cursor: Any) -> None:
        cursor.execute("from delivery_progress").fetchall()
        reading.set()
        let_go.wait(30)

    with Store(tmp_path, checkpoint_bytes=100_000, query_timeout_s=60.0) as store:
        reader = threading.Thread(target=store.database.read, args=[read])
        reader.start()
        reading.wait(30)
        store.database.derive(lambda c: c.execute("update delivery_progress set change_seq = 1"))
        before = store.writer.checkpoints
        while store.database.log_bytes < store.database.checkpoint_bytes:
            store.send(b"more %d" % store.seq)
            store.settle()
        time.sleep(0.5)
        assert (store.writer.checkpoints, store.writer.last_error) == (before, None)

        let_go.set()
        reader.join()
        store.send(b"last")
        until(lambda: store.writer.checkpoints > before)


@pytest.mark.parametrize("apart", [True, False], ids=["later", "in one batch"])
def test_the_same_export_again_counts_once(store: Store, apart: bool) -> None:
    """A repeated body adds no rows and is counted as a duplicate."""
    store.send(b"same", b"other")
    if apart:
        store.settle()
    store.send(b"same")

    assert store.ask("select count(*) from spans") == [(4,)]
    assert store.writer.applier.records.duplicate[Signal.TRACES] == 2
    assert store.writer.applier.exports.stored[Signal.TRACES] == 2


def test_a_repeat_after_reopening_counts_once(tmp_path: Path) -> None:
    """The digests are in the store, not in memory."""
    with Store(tmp_path) as store:
        store.send(b"same")
    with Store(tmp_path) as store:
        store.send(b"same", b"new")

        assert store.ask("select count(*) from exports") == [(2,)]


def test_a_repeat_of_undated_logs_counts_once(store: Store) -> None:
    """Records without a time are stored with that of receipt, which differs for the repeat."""
    body = export_request(log(time_ns=0)).SerializeToString()
    for seq in (1, 2):
        exports = [build.export(seq, body, Signal.LOGS)]
        store.journal.append(exports)
        batch = decode_group(Signal.LOGS, exports, Limits())
        store.writer.submit(exports, batch, lambda: None)
        store.settle()

    assert store.rows("select count(*) from log_records") == [(1,)]


def test_a_repeat_beyond_the_window_is_stored_again(tmp_path: Path) -> None:
    """The window is counted from when the first was received."""
    with Store(tmp_path, dedup_window_ns=5) as store:
        store.send(b"same")
        store.send(*(b"filler %d" % number for number in range(10)))
        store.settle()
        store.send(b"same")

        assert store.ask("select count(*) from exports") == [(12,)]


def test_interned_rows_are_stored_once(store: Store) -> None:
    """The same resource in many exports is one row, also when the writer has forgotten it."""
    resource = build.table(RESOURCES, [{"resource_id": 7, "service": "orders"}])
    for number in range(4):
        [item] = exports = [build.export(number + 1)]
        store.journal.append(exports)
        rows = build.spans(exports).tables | {"resources": resource}
        store.writer.submit([item], Batch(rows, [Outcome(2)]), lambda: None)
        store.settle()
        store.writer.applier.forget_known()

    assert store.rows("select service from resources") == [("orders",)]


def test_exports_without_records_are_passed_over(store: Store) -> None:
    """A body that cannot be decoded, or has no record to keep, leaves no row in exports."""
    exports = [build.export(1), build.export(2), build.export(3)]
    store.journal.append(exports)
    batch = build.spans(exports[2:])
    outcomes = [Malformed("not protobuf"), Outcome(0, {"no trace id": 4}), Outcome(2)]
    store.writer.submit(exports, Batch(batch.tables, outcomes), lambda: None)

    assert store.ask("select export_seq from exports") == [(3,)]


def test_rows_duckdb_refuses_go_to_quarantine(store: Store) -> None:
    """One export that cannot be inserted is kept as a file; its neighbours are stored."""
    exports = [build.export(number + 1) for number in range(5)]
    store.journal.append(exports)
    good = build.spans(exports).tables["spans"]
    kinds = ["2"] * 4 + ["no number"] + ["2"] * 5
    broken = good.set_column(good.column_names.index("kind"), "kind", pa.array(kinds))
    store.writer.submit(exports, Batch({"spans": broken}, [Outcome(2)] * 5), lambda: None)
    store.seq = 5

    assert store.ask("select list(export_seq order by export_seq) from exports") == [
        ([1, 2, 4, 5],)
    ]
    [kept] = (store.directory / "store.duckdb.quarantine").iterdir()
    assert kept.read_bytes() == exports[2].body
    assert store.writer.applier.records.quarantined[Signal.TRACES] == 2
    store.send(b"and on it goes")
    assert store.ask("select count(*) from exports") == [(5,)]


@pytest.mark.parametrize(
    ("error", "aside"), [(duckdb.FatalException, True), (duckdb.IOException, False)]
)
def test_rows_that_break_the_database_each_time_go_to_quarantine(
    store: Store, monkeypatch: pytest.MonkeyPatch, error: type[duckdb.Error], aside: bool
) -> None:
    """They hold up their neighbours for some tries, not for ever; a bad disk is waited for."""
    failures, real = [0], applier.apply

    def fragile(cursor: duckdb.DuckDBPyConnection, work: Work, *arguments: Any) -> Work:
        if any(item.export.body == b"poison" for item in work.exports):
            failures[0] += 1
            if aside or failures[0] < 50:
                raise error("made up")
        return real(cursor, work, *arguments)

    monkeypatch.setattr(applier, "_BACKOFF_S", (0.001,))
    monkeypatch.setattr(applier, "apply", fragile)
    store.send(b"one", b"two", b"poison", b"four", b"five")

    assert store.ask("select count(*) from exports") == [(4 if aside else 5,)]
    assert store.writer.applier.exports.quarantined[Signal.TRACES] == int(aside)
    assert store.writer.healthy


def test_batches_that_do_not_go_together_are_stored_apart(store: Store) -> None:
    """Whatever is wrong with one of those that wait, none is passed over."""
    exports = [build.export(number + 1) for number in range(3)]
    store.journal.append(exports)
    with store.writer._changed:  # so that all of them share a transaction
        for item in exports:
            rows = build.spans([item]).tables["spans"]
            if item.seq == 2:
                rows = rows.set_column(0, "start_ns", pa.array(["no number"] * 2))
            store.writer.submit([item], Batch({"spans": rows}, [Outcome(2)]), lambda: None)
    store.seq = 3

    assert store.ask("select list(export_seq order by export_seq) from exports") == [([1, 3],)]
    assert store.writer.applier.exports.quarantined[Signal.TRACES] == 1


def test_a_fault_of_our_own_is_told_while_it_lasts(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The writer stands still rather than lose an export, and says why."""
    with monkeypatch.context() as patch:
        patch.setattr(store.writer.applier, "store", None)
        store.send(b"one")
        until(lambda: not store.writer.healthy)
        assert "TypeError" in str(store.writer.last_error)

    assert store.ask("select count(*) from exports") == [(1,)]
    assert store.writer.healthy


def test_an_export_alone_waits_for_memory(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Questions may hold all of it for as long as they run: that is not the export's fault."""
    failures, real = [0], applier.apply

    def starved(cursor: duckdb.DuckDBPyConnection, work: Work, *arguments: Any) -> Work:
        failures[0] += 1
        if failures[0] < 20:
            raise duckdb.OutOfMemoryException("made up")
        return real(cursor, work, *arguments)

    monkeypatch.setattr(applier, "_BACKOFF_S", (0.001,))
    monkeypatch.setattr(applier, "apply", starved)
    store.send(b"one", b"two")

    assert store.ask("select count(*) from exports") == [(2,)]
    assert not store.writer.applier.exports.quarantined


def test_listeners_learn_what_was_stored(store: Store) -> None:
    """Each commit's new rows are handed on, duplicates not."""
    seen: list[int] = []
    store.writer.listeners.append(lambda info: seen.append(info.tables["spans"].num_rows))
    store.send(b"same", b"same", b"other")
    store.settle()
    store.send(b"last")
    store.settle()
    until(lambda: sum(seen) >= 6)  # told a moment after readers see it

    assert sum(seen) == 6


def test_a_failing_listener_stops_nothing(store: Store) -> None:
    """The writer counts the crash and stores what comes next."""
    store.writer.listeners.append(lambda info: 1 // 0)
    store.send(b"one")
    store.settle()
    store.send(b"two")

    assert store.ask("select count(*) from exports") == [(2,)]
    assert store.writer.healthy


def test_readers_see_whole_commits(store: Store) -> None:
    """While the writer writes, a question sees each export's spans all or not at all."""
    done = threading.Event()

    def keep_sending() -> None:
        for number in range(40):
            store.send(*(b"%d/%d" % (number, part) for part in range(10)), each=20)
            time.sleep(0.01)
        done.set()

    sender = threading.Thread(target=keep_sending)
    sender.start()
    torn = 0
    while not done.is_set():
        torn += store.rows(
            "select count(*) from (select count(*) as n from spans group by export_seq)"
            " where n <> 20"
        )[0][0]
        [(spans, recorded)] = store.rows(
            "select (select count(*) from spans), (select coalesce(sum(records), 0) from exports)"
        )
        torn += spans != recorded
    sender.join()

    assert torn == 0
    assert store.ask("select count(*) from spans") == [(8000,)]


def test_stop_stores_what_was_submitted(tmp_path: Path) -> None:
    """A graceful end leaves nothing for the next start and an empty journal."""
    with Store(tmp_path) as store:
        store.send(*(b"export %d" % number for number in range(20)))
    with Store(tmp_path) as store:
        assert store.writer.applied_seq == 20
        assert store.rows("select count(*) from exports") == [(20,)]
        assert not list(store.journal.directory.glob("*.segment"))


KILLED = """
import os, sys
from pathlib import Path
from tests.store.build import Store
with Store(Path(sys.argv[1]), checkpoint_bytes=200_000) as store:
    known = store.seq
    print("open", flush=True)
    for number in range(100_000):
        bodies = [b"%d" % (known + number), b"twice %d" % ((known + number) // 2)]
        store.send(*bodies)
        os.write(1, b"".join(body + b"\\n" for body in bodies))
"""


@pytest.mark.parametrize("after_s", [0.1, 0.5])
def test_killed_at_any_moment_every_answered_export_counts_once(
    tmp_path: Path, after_s: float
) -> None:
    """After kill -9 and restart, twice over, each journalled body is stored exactly once."""
    answered: set[str] = set()
    for _ in range(2):
        child = subprocess.Popen(
            [sys.executable, "-c", KILLED, str(tmp_path)],
            stdout=subprocess.PIPE, cwd=ROOT, text=True,
        )  # fmt: skip
        assert child.stdout is not None
        assert child.stdout.readline() == "open\n"
        timer = threading.Timer(after_s, os.kill, (child.pid, signal.SIGKILL))
        timer.start()
        answered |= {line.rstrip() for line in child.stdout if line.endswith("\n")}
        child.wait()
        child.stdout.close()
        timer.join()

    with Store(tmp_path) as store:
        rows = store.ask("select trace_id::varchar, count(*) from spans group by 1")
        names = {bytes.fromhex(key.replace("-", "")).rstrip(b"\0").decode() for key, _ in rows}
        assert answered <= names
        assert {count for _, count in rows} == {2}


ACTIONS = st.lists(
    st.one_of(
        st.lists(st.integers(0, 6), min_size=1, max_size=4),  # a group of bodies, some repeated
        st.sampled_from(["settle", "reopen", "lose log", "checkpoint"]),
    ),
    max_size=12,
)


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(actions=ACTIONS)
def test_any_order_of_sends_and_restarts_counts_each_body_once(
    tmp_path_factory: pytest.TempPathFactory, actions: list[list[int] | str]
) -> None:
    """Whatever is sent, repeated, restarted, and even if DuckDB's log is lost: each body once."""
    directory = tmp_path_factory.mktemp("any")
    store = Store(directory).__enter__()
    sent: set[int] = set()
    for action in actions:
        if isinstance(action, list):
            store.send(*(b"body %d" % number for number in action))
            sent |= set(action)
        elif action == "settle":
            store.settle()
        elif action == "checkpoint":
            store.settle()
            store.database.checkpoint()
        else:
            store = build.killed(store, lose_log=action == "lose log")
    found = store.ask("select count(*), count(distinct digest) from exports")
    spans = store.ask("select count(*) from spans")
    store.__exit__()

    assert found == [(len(sent), len(sent))]
    assert spans == [(2 * len(sent),)]
