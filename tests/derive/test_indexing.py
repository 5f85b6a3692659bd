"""The index of ids is made beside the runs of the stitcher."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from collector.model.window import Window
from collector.store.queries.lookup import find_anywhere
from tests.derive.stitched import StitchedStore
from tests.derive.test_stitcher import span


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[StitchedStore]:
    """An empty store with small sections."""
    monkeypatch.setattr("collector.derive.indexing.SECTION_KEYS", 20)
    opened = StitchedStore(tmp_path)
    yield opened
    opened.stitcher.stop()
    opened.close()


def come(store: StitchedStore) -> None:
    """Another trace, stitched."""
    store.commit([span(store.seq + 1, store.seq)])
    store.stitch()


def until(store: StitchedStore, seq: int) -> None:
    """Traces until there are so many."""
    while store.seq < seq:
        come(store)


def indexed(store: StitchedStore) -> int:
    [(seq,)] = store.rows("select indexed_seq from index_progress")
    return int(seq)


def test_every_id_is_found_in_a_section_or_not_yet(store: StitchedStore) -> None:
    """Sections are made as keys come, each of what no other holds, and the newest wait."""
    while indexed(store) < 30:
        come(store)
        assert store.seq < 1000
    store.stitcher.stop()

    assert indexed(store) < store.seq
    assert store.rows("select count(*) - count(distinct (head, run)) from id_runs") == [(0,)]
    for trace in range(1, store.seq + 1):
        text = uuid.UUID(int=trace).hex
        found = store.database.read(
            lambda cursor, text=text: find_anywhere(cursor, text, Window.all_time())
        )
        assert [match.trace_id for match in found] == [text]


def test_a_section_that_fails_is_told_of_and_made_again(
    store: StitchedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The step after it fails, those after that do not."""

    def fail(*_: object) -> int:
        raise duckdb.OutOfMemoryException("no memory")

    with monkeypatch.context() as patched:
        patched.setattr("collector.derive.indexing.stitching.index_ids", fail)
        with pytest.raises(duckdb.OutOfMemoryException):
            until(store, 1000)
    while indexed(store) < store.seq // 2:
        store.stitch()
        come(store)
        assert store.seq < 2000


def test_a_store_that_is_derived_anew_is_indexed_anew(store: StitchedStore) -> None:
    """Another hash function makes other keys: what was indexed of the old ones goes."""
    while not indexed(store):
        come(store)
        assert store.seq < 1000
    store.stitcher.stop()
    store.database.write(
        lambda cursor: cursor.execute("update stitching_progress set hash_fingerprint = 1")
    )
    store.restart()
    assert store.stitcher.step()
    store.stitcher.stop()

    assert indexed(store) == 0
    assert store.rows("select count(*) from id_runs") == [(0,)]
