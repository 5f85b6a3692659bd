"""Opening the file: every reason not to is one sentence that says what to do."""

import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import duckdb
import pytest

from collector.errors import (
    QueryTimeout,
    StoreError,
    StoreLocked,
    StoreTooNew,
    StoreUnavailable,
)
from collector.store import applier, schema
from collector.store.schema import VERSION
from collector.store.work import Work
from tests.store import build
from tests.store.build import Store

ROOT = Path(__file__).parents[2]


def test_a_file_in_use_names_the_process(tmp_path: Path) -> None:
    """Another process gets the id of the one that holds the file."""
    database = build.open_database(tmp_path)
    code = (
        "import sys; from pathlib import Path; from tests.store import build\n"
        "build.open_database(Path(sys.argv[1]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    database.close()

    assert f"StoreLocked: {tmp_path}/store.duckdb is in use by process {os.getpid()}: stop it" in (
        done.stderr
    )
    assert issubclass(StoreLocked, StoreError)


def test_a_file_in_use_keeps_its_log(tmp_path: Path) -> None:
    """Also where the path speaks of a wal: no other start may take the log for a damaged one."""
    (tmp_path / "wal").mkdir()
    code = (
        "import sys; from pathlib import Path; from tests.store import build\n"
        "build.open_database(Path(sys.argv[1]))"
    )
    with Store(tmp_path / "wal") as store:
        store.send(b"one")
        store.settle()
        done = subprocess.run(
            [sys.executable, "-c", code, str(store.directory)],
            cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip

        assert "StoreLocked" in done.stderr
        assert store.database.log_bytes > 0


def test_a_newer_schema_is_refused_untouched(tmp_path: Path) -> None:
    """The version is checked before anything else; the message has file, versions and remedy."""
    build.open_database(tmp_path).close()
    with duckdb.connect(str(tmp_path / "store.duckdb")) as connection:
        connection.execute("insert into schema_version (version) values (4711)")
        connection.execute("drop view traces")

    with pytest.raises(
        StoreTooNew, match=f"store.duckdb has schema 4711, this build knows {VERSION}: upgrade"
    ):
        build.open_database(tmp_path)
    with duckdb.connect(str(tmp_path / "store.duckdb")) as connection:
        views = connection.execute("select view_name from duckdb_views()").fetchall()
        assert ("traces",) not in views


def test_another_programs_database_is_refused(tmp_path: Path) -> None:
    """A DuckDB file without our version table is left alone."""
    with duckdb.connect(str(tmp_path / "store.duckdb")) as connection:
        connection.execute("create table customers (id int)")

    with pytest.raises(StoreError, match="database of another program"):
        build.open_database(tmp_path)


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    """Rubbish is not overwritten; the message says what to do with it."""
    (tmp_path / "store.duckdb").write_bytes(b"not a database at all" * 1000)

    with pytest.raises(StoreError, match="restore it from a backup, or move it away"):
        build.open_database(tmp_path)


READ_ONLY = """
import os, sys
from pathlib import Path
from tests.store import build
if os.getuid() == 0:
    os.setgid(65534)
    os.setuid(65534)  # root may write anything
build.open_database(Path(sys.argv[1]))
"""


def test_a_file_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    """Without write access there is no start."""
    build.open_database(tmp_path).close()
    (tmp_path / "store.duckdb").chmod(0o444)
    for directory in (tmp_path, *tmp_path.parents[:2]):
        directory.chmod(0o555)
    done = subprocess.run(
        [sys.executable, "-c", READ_ONLY, str(tmp_path)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    for directory in (tmp_path, *tmp_path.parents[:2]):
        directory.chmod(0o755)

    assert "give this user write access" in done.stderr


@pytest.mark.parametrize("cut", [0.3, 0.9, None], ids=["cut early", "cut late", "flipped bytes"])
def test_a_damaged_log_is_replaced_by_the_journal(tmp_path: Path, cut: float | None) -> None:
    """What DuckDB's log no longer gives is replayed, and counts once."""
    (tmp_path / "live").mkdir()
    with Store(tmp_path / "live") as store:
        store.send(*(b"early %d" % number for number in range(30)))
        store.settle()
        store.send(*(b"late %d" % number for number in range(30)))
        hurt = build.killed(store, lose_log=False, hurt=lambda log: _damage(log, cut))
    found = hurt.ask("select count(*), count(distinct digest) from exports")
    hurt.__exit__()

    assert found == [(60, 60)]


def _damage(log: Path, cut: float | None) -> None:
    data = bytearray(log.read_bytes())
    if cut is None:
        data[len(data) // 2 : len(data) // 2 + 64] = os.urandom(64)
    else:
        del data[int(len(data) * cut) :]
    log.write_bytes(data)


def test_a_question_that_takes_too_long_is_stopped(tmp_path: Path) -> None:
    """The reader is told to ask for less; the database goes on."""
    database = build.open_database(tmp_path, query_timeout_s=0.2)
    slow = "select sum(a.range * b.range) from range(1000000) a, range(1000000) b"
    begun = time.perf_counter()
    with pytest.raises(QueryTimeout, match=r"longer than 0\.2 s: narrow"):
        database.read(lambda cursor: cursor.execute(slow).fetchall())

    assert time.perf_counter() - begun < 5
    assert database.read(lambda cursor: cursor.execute("select 1").fetchall()) == [(1,)]
    database.close()


def test_a_question_of_many_short_statements_is_stopped_too(tmp_path: Path) -> None:
    """An interrupt that falls between two statements is lost; the next is not."""
    database = build.open_database(tmp_path, query_timeout_s=0.05)
    asked = []

    def many(cursor: duckdb.DuckDBPyConnection) -> None:
        for number in range(2000):
            asked.append(cursor.execute("select count(*) from range(300000)").fetchall())
            time.sleep(0.001 * (number < 60))  # idle when the first interrupt comes

    with pytest.raises(QueryTimeout):
        database.read(many)

    assert len(asked) < 2000
    database.close()


def test_a_question_cannot_write_or_reach_out(store: Store) -> None:
    """Reading is all a reader can do: no change, no file.

    Settings are not locked as a whole, for the writer says how much a checkpoint tidies up.
    """
    for statement in (
        "delete from spans",
        "create table more (x int)",
        "copy spans to '/tmp/spans.csv'",
        "select * from read_text('/etc/hostname')",
        "attach ':memory:' as other; create table other.t (x int)",
        "set enable_external_access = true",
        "set allow_community_extensions = true",
        "set temp_directory = 'elsewhere'",
        "load httpfs",
        "install httpfs",
    ):
        with pytest.raises(duckdb.Error):
            store.rows(statement)


def test_a_question_sees_one_moment(store: Store) -> None:
    """Commits during a question do not show in its later statements."""
    store.send(b"before")
    store.settle()

    def twice(cursor: duckdb.DuckDBPyConnection) -> list[int]:
        counts = [cursor.execute("select count(*) from exports").fetchall()[0][0]]
        store.send(b"meanwhile")
        store.settle()
        return [*counts, cursor.execute("select count(*) from exports").fetchall()[0][0]]

    assert store.database.read(twice) == [1, 1]
    assert store.rows("select count(*) from exports") == [(2,)]


def test_readers_do_not_wait_for_a_write(tmp_path: Path) -> None:
    """A transaction that stays open holds up no question."""
    database = build.open_database(tmp_path)
    inside, go_on = threading.Event(), threading.Event()

    def slow(cursor: duckdb.DuckDBPyConnection) -> None:
        cursor.execute("insert into scopes (scope_id) values (1)")
        inside.set()
        go_on.wait(10)

    writing = threading.Thread(target=database.write, args=[slow])
    writing.start()
    inside.wait(10)
    begun = time.perf_counter()
    found = database.read(lambda cursor: cursor.execute("select * from scopes").fetchall())
    took_s = time.perf_counter() - begun
    go_on.set()
    writing.join()
    database.close()

    assert found == []
    assert took_s < 5


def test_a_broken_instance_is_opened_again(store: Store) -> None:
    """After a fatal error the next question and the next export find a new instance."""
    store.send(b"before")
    store.settle()

    def break_it(cursor: duckdb.DuckDBPyConnection) -> None:
        raise duckdb.FatalException("as after a failed write of the log")

    with pytest.raises(StoreUnavailable):
        store.database.read(break_it)
    store.send(b"after")

    assert store.ask("select count(*) from exports") == [(2,)]


def test_readers_survive_a_broken_instance(store: Store) -> None:
    """Questions that run while the instance breaks are stopped; those after it are answered."""
    store.send(b"before")
    store.settle()
    results: list[object] = []

    def ask_on() -> None:
        for _ in range(30):
            try:
                results.append(store.rows("select count(*) from exports")[0][0])
            except StoreError as error:
                results.append(error)

    def break_it(cursor: duckdb.DuckDBPyConnection) -> None:
        raise duckdb.FatalException("as after a failed checkpoint")

    readers = [threading.Thread(target=ask_on) for _ in range(3)]
    for reader in readers:
        reader.start()
    for _ in range(3):
        with pytest.raises(StoreUnavailable):
            store.database.read(break_it)
    for reader in readers:
        reader.join(30)

    assert len(results) == 90
    assert store.rows("select count(*) from exports") == [(1,)]


def test_a_write_survives_a_broken_instance(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A commit interrupted because a reader met a fatal error is tried again, not set aside."""
    inside, real = threading.Event(), applier.apply

    def slow(cursor: duckdb.DuckDBPyConnection, *arguments: Any) -> Work:
        if not inside.is_set():
            inside.set()
            cursor.execute("select sum(a.range * b.range) from range(1000000) a, range(100000) b")
        return real(cursor, *arguments)

    def break_it(cursor: duckdb.DuckDBPyConnection) -> None:
        inside.wait(10)
        time.sleep(0.1)
        raise duckdb.FatalException("as after a failed write of the log")

    monkeypatch.setattr(applier, "apply", slow)
    store.send(b"unlucky")
    with pytest.raises(StoreUnavailable):
        store.database.read(break_it)

    assert store.ask("select count(*) from exports") == [(1,)]


@pytest.mark.parametrize("then", ["an export", "a checkpoint"])
def test_a_database_that_loses_commits_stops_the_writer(tmp_path: Path, then: str) -> None:
    """Opened again without its log's end: the journal keeps everything for the next start."""
    live, old = tmp_path / "live", tmp_path / "old.duckdb"
    live.mkdir()

    def break_it(cursor: duckdb.DuckDBPyConnection) -> None:
        raise duckdb.FatalException("as after a failed write of the log")

    with Store(live) as store:
        store.send(b"one")
        store.settle()
        store.database.checkpoint()
        shutil.copy(live / "store.duckdb", old)
        store.send(b"two")
        store.settle()
        with pytest.raises(StoreUnavailable):
            store.database.read(break_it)
        shutil.copy(old, live / "store.duckdb")
        if then == "an export":
            store.send(b"three")
            store.writer._thread.join(10)
            assert not store.writer.healthy
    with Store(live) as store:
        found = store.ask("select count(*) from exports")

    assert found == [(3 if then == "an export" else 2,)]


def test_views_follow_the_build(tmp_path: Path) -> None:
    """The views of another build are made anew at open; the data stays."""
    with Store(tmp_path) as store:
        store.send(b"one")
    with duckdb.connect(str(tmp_path / "store.duckdb")) as connection:
        connection.execute("create or replace view traces as select 1 as old")
        connection.execute("update view_texts set digest = 'of another build'")
    with Store(tmp_path) as store:
        assert store.rows("select root_name, span_count from traces") == [("work", 2)]


def test_views_follow_a_migration_that_was_cut_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process dies between the last migration and the views: they are made at the next open."""
    with Store(tmp_path) as store:
        store.send(b"one")
    with duckdb.connect(str(tmp_path / "store.duckdb")) as connection:
        connection.execute("create or replace view traces as select 1 as old")
        connection.execute("insert into schema_version (version) values ($n)", {"n": VERSION + 1})
    migrations = {**schema._MIGRATIONS, VERSION + 1: "create table made (of_it integer)"}
    monkeypatch.setattr(schema, "_MIGRATIONS", migrations)
    monkeypatch.setattr(schema, "VERSION", VERSION + 1)
    with Store(tmp_path) as store:
        assert store.rows("select root_name, span_count from traces") == [("work", 2)]
