"""Retention: the oldest goes, by age and by size, and the files stay as large as they may."""

import os
import time
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from collector.batch import Batch, Outcome
from collector.columns import RESOURCES
from collector.errors import StoreUnavailable
from collector.store import retention
from collector.store.retention import Retention
from tests.store import build
from tests.store.build import DAY_NS, T0_NS, Store, until

FOREVER_NS = 10_000 * DAY_NS


def test_the_old_goes_and_the_young_stays(tmp_path: Path) -> None:
    """Rows of exports received before the age limit are deleted with their exports."""
    now = [T0_NS + 100]
    with Store(tmp_path, retention=Retention(DAY_NS, 2**40), clock=lambda: now[0]) as store:
        store.send(*(b"export %d" % number for number in range(10)))
        store.settle()
        now[0] = T0_NS + 2 * DAY_NS  # exports are received at T0 + their number
        store.seq = DAY_NS * 3 // 2
        store.send(b"young", b"younger")
        store.settle()
        store.writer.keeper.age()
        until(lambda: store.rows("select count(*) from spans") == [(4,)])

        assert store.rows("select count(*) from exports") == [(2,)]
        assert store.rows("select count(distinct trace_id) from spans") == [(2,)]


@pytest.mark.parametrize("error", [StoreUnavailable("disk full"), duckdb.Error("no memory")])
def test_deleting_that_fails_is_not_tried_without_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """The writer rests in between, and says what is wrong until it works again."""
    tries = [0]

    def failing() -> None:
        tries[0] += 1
        raise error

    with Store(tmp_path, retention=Retention(DAY_NS, 2**40)) as store:
        with monkeypatch.context() as patch:
            patch.setattr(store.writer.keeper, "step", failing)
            patch.setattr(store.writer.keeper, "busy", True)
            store.send(b"one")
            store.settle()
            until(lambda: not store.writer.healthy)
            time.sleep(0.3)
        assert tries[0] < 3
        store.writer._keeping_from = 0.0
        store.send(b"two")
        until(lambda: store.writer.healthy)


def test_digests_stay_for_the_dedup_window(tmp_path: Path) -> None:
    """An export whose rows are deleted for age is still known while it may be repeated."""
    with Store(
        tmp_path,
        retention=Retention(10**9, 2**40),
        clock=lambda: T0_NS + 10 * 10**9,
        dedup_window_ns=DAY_NS,
    ) as store:
        store.send(b"short-lived")
        store.settle()
        store.writer.keeper.age()
        until(lambda: store.rows("select count(*) from spans") == [(0,)])
        store.send(b"short-lived")

        assert store.ask("select count(*) from exports") == [(1,)]
        assert store.rows("select count(*) from spans") == [(0,)]


def incompressible(rows: pa.Table, seq: int) -> Batch:
    """The same spans as another export's, with ids that no compression makes smaller."""
    ids = {name: os.urandom(8 * rows.num_rows) for name in ("span_id", "parent_span_id")}
    new = {name: pa.array(np.frombuffer(data, np.uint64)) for name, data in ids.items()}
    new["export_seq"] = pa.array(np.full(rows.num_rows, seq))
    for name, values in new.items():
        rows = rows.set_column(rows.column_names.index(name), name, values)
    return Batch({"spans": rows}, [Outcome(rows.num_rows)])


def test_the_store_stays_within_its_size(tmp_path: Path) -> None:
    """Under ingest of several times its limit the oldest goes and the files stop growing."""
    limit = 6 * 1024**2
    sizes = []
    kept = Retention(FOREVER_NS, limit)
    rows = build.spans([build.export(0)], 20_000).tables["spans"]
    with Store(tmp_path, checkpoint_bytes=1024**2, retention=kept) as store:
        for seq in range(1, 61):
            item = build.export(seq, b"%d " % seq + bytes(40_000))
            store.journal.append([item])
            store.writer.submit([item], incompressible(rows, seq), lambda: None)
            store.settle()
            sizes.append((tmp_path / "store.duckdb").stat().st_size)
        [(first, last, count)] = store.rows(
            "select min(export_seq), max(export_seq), count(*) from spans"
        )

    # A checkpoint of so small a store rewrites most of it beside the old; all sent takes 24 MB.
    assert max(sizes) <= 2 * limit
    assert max(sizes[40:]) <= 1.3 * max(sizes[:40])  # by where checkpoints fall
    assert 30 < first < last == 60
    assert count == (last - first + 1) * 20_000  # a whole range is left


def test_interned_rows_nobody_needs_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Resources without records are deleted once there are many, and come back when needed."""
    monkeypatch.setattr(retention, "_MANY_INTERNED", 3)
    with Store(tmp_path, retention=Retention(FOREVER_NS, 2**40)) as store:
        store.send(b"refers to resource 1")
        store.settle()
        rows = [{"resource_id": number, "service": "s"} for number in range(1, 6)]
        store.database.write(
            lambda cursor: (
                cursor.register("incoming", build.table(RESOURCES, rows)),
                cursor.execute("insert into resources by name select * from incoming").fetchall(),
                cursor.unregister("incoming"),
            )
        )

        assert store.writer.keeper.sweep()
        assert store.rows("select resource_id from resources") == [(1,)]
