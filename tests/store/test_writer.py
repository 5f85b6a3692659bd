"""The writer: everything submitted is stored once."""

from pathlib import Path

from collector.store.journal import Journal
from collector.store.writer import Writer
from tests.store import build

DAY_NS = 86_400 * 10**9


def test_submitted_spans_can_be_read(tmp_path: Path) -> None:
    """After the read barrier, a question sees what was submitted."""
    database, journal = build.open_database(tmp_path), Journal.open(tmp_path / "journal")
    writer = Writer(database, journal, dedup_window_ns=DAY_NS)
    writer.start()
    exports = [build.export(1), build.export(2)]
    journal.append(exports)
    writer.submit(exports, build.spans(exports), lambda: None)

    assert writer.wait_visible(5)
    assert database.read(lambda c: c.execute("select count(*) from spans").fetchone()) == (4,)
    writer.stop()
    journal.close()
    database.close()
