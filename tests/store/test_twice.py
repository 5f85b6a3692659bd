"""A checkpoint torn by a power cut: the file opens again with all that was committed."""

from pathlib import Path

import pytest

from tests.store.build import Store


@pytest.mark.parametrize("pages", [1, 2, 5])
def test_a_torn_checkpoint_is_undone(tmp_path: Path, pages: int) -> None:
    """The first pages of a block that DuckDB overwrites are new, the others and the header old."""
    live = tmp_path / "live"
    live.mkdir()
    path = live / "store.duckdb"
    with Store(live) as store:
        store.send(b"one")
        store.settle()
        store.database.checkpoint()
        old, log = path.read_bytes(), b""
        store.send(b"two")
        store.settle()
        log = (live / "store.duckdb.wal").read_bytes()
        store.database.checkpoint()
        new = path.read_bytes()
        kept = (live / "store.duckdb.blocks").read_bytes()
    torn = _torn(old, new, pages * 4096)
    assert torn != old
    path.write_bytes(torn)
    (live / "store.duckdb.wal").write_bytes(log)
    (live / "store.duckdb.blocks").write_bytes(kept)
    with Store(live) as store:
        found = store.ask("select count(*) from exports")

    assert found == [(2,)]


def _torn(old: bytes, new: bytes, nbytes: int) -> bytes:
    """The old file with the beginning of each block as it is in the new."""
    torn = bytearray(old)
    for start in range(12_288, len(old), 262_144):
        torn[start : start + nbytes] = new[start : start + nbytes]
    return bytes(torn)
