"""Checkpoints go on while somebody reads: stitching reads for a second at a time."""

import threading

from duckdb import DuckDBPyConnection as Cursor

from tests.store.build import Store
from tests.store.conftest import store

__all__ = ["store"]


def test_a_checkpoint_does_not_wait_for_a_reader(store: Store) -> None:
    """A snapshot from before the last commits is open; DuckDB would refuse after an update."""
    store.send(b"first")
    store.settle()
    reading, done = threading.Event(), threading.Event()

    def read(cursor: Cursor) -> None:
        cursor.execute("select count(*) from spans").fetchall()
        reading.set()
        done.wait(20)

    thread = threading.Thread(target=lambda: store.database.read(read, 30))
    thread.start()
    assert reading.wait(10)
    store.send(b"second")
    store.settle()
    store.database.checkpoint()
    done.set()
    thread.join()

    assert store.ask("select applied_seq, deleted_seq from progress") == [(2, 0)]
