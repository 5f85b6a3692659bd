"""Cuts what got records into fragments, the first half of a run: also while another one decides."""

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from duckdb import DuckDBPyConnection as Cursor

from collector.derive.coding import Truths
from collector.derive.facts import loose_facts, trace_facts
from collector.derive.fragmenting import make
from collector.derive.naming import Named, read_names
from collector.derive.plain import find_plain, make_fragments
from collector.derive.plain_keys import make_keys
from collector.model.stitching.rules import Queues
from collector.store.database import OWN_TIMEOUT_S, Database
from collector.store.runs import RunEnd, run_end
from collector.store.stitching import Progress
from collector.store.stitching_cut import Dirty, find_dirty, take_cut, take_dirty
from collector.store.stitching_facts import Records, read_loose_logs, read_records, text_keys
from collector.store.stitching_load import Cut, Reach


@dataclass(frozen=True, slots=True)
class Section:
    """A run's records and what was cut of them; it is stitched with the reach it was cut with."""

    reach: Reach
    end: RunEnd
    cut: Cut
    dirty: Dirty


class Cutter:
    """Cuts sections; ``begin`` does so ahead, in a thread of its own."""

    def __init__(self, database: Database, queues: Queues) -> None:
        self._database = database
        self._queues = queues
        self._threads = ThreadPoolExecutor(1, "cutter")
        self._ahead: Future[Section | None] | None = None

    def ahead(self, now: Progress) -> Section | None:
        """What was cut ahead, if it comes after the last stitched export."""
        ahead, self._ahead = self._ahead, None
        section = ahead.result() if ahead else None
        if section is None or section.reach.after_seq != now.stitched_seq:
            return None
        return section

    def end(self, now: Progress, after_seq: int, most: int) -> RunEnd:
        """How far a run after this export goes, with at most about ``most`` records."""
        return self._database.read(
            lambda cursor: run_end(cursor, after_seq, now.applied_seq, most), OWN_TIMEOUT_S
        )

    def section(self, now: Progress, end: RunEnd, floor_seq: int) -> Section:
        """What is cut by itself, to be loaded with another cursor."""

        def read(cursor: Cursor) -> Section:
            reach, cut = self.cut_next(cursor, now, end, floor_seq)
            return Section(reach, end, cut, take_dirty(cursor))

        return self._database.read(read, OWN_TIMEOUT_S)

    def cut_next(
        self, cursor: Cursor, now: Progress, end: RunEnd, floor_seq: int
    ) -> tuple[Reach, Cut]:
        """Cuts the exports up to that end; what was found stays with the cursor."""
        reach = Reach(end.after_seq, end.up_to_seq, floor_seq)
        since_seq = find_dirty(cursor, reach, now.stitched_seq)
        return reach, self.cut(cursor, since_seq, end.up_to_seq)

    def begin(self, now: Progress, after_seq: int, floor_seq: int, most: int) -> None:
        """Begins to cut what comes after an export that is being stitched.

        Not if that were the last there is: by the time its turn comes there is more, and a run
        that reads little costs half as much as one that reads all of it.
        """
        self._ahead = self._threads.submit(self._full_section, now, after_seq, floor_seq, most)

    def drop(self) -> None:
        """Forgets what was cut ahead."""
        ahead, self._ahead = self._ahead, None
        if ahead is not None:
            ahead.exception()  # waited for, so that two are never at work

    def stop(self) -> None:
        self._threads.shutdown()

    def cut(self, cursor: Cursor, since_seq: int, up_to_seq: int) -> Cut:
        """What was found with this cursor, its records lying between two exports."""
        records = read_records(cursor, since_seq, up_to_seq)
        loose = read_loose_logs(cursor, since_seq, up_to_seq)
        return cut_records(cursor, records, loose, self._queues)

    def _full_section(
        self, now: Progress, after_seq: int, floor_seq: int, most: int
    ) -> Section | None:
        end = self.end(now, after_seq, most)
        return None if end.last else self.section(now, end, floor_seq)


def cut_records(
    cursor: Cursor, records: Records, loose: list[tuple[Any, ...]], queues: Queues
) -> Cut:
    """The fragments of these records: of plain traces in columns, of the rest by the pure core.

    Both at once: columns leave Python to others.
    """
    named = read_names(records, lambda texts: text_keys(cursor, texts))
    plain = find_plain(records, named, queues)
    with ThreadPoolExecutor(1) as thread:
        in_columns = thread.submit(make_plain, records, named, plain)
        made = make(trace_facts(records, ~plain), loose_facts(loose), queues).tables()
        return take_cut(cursor, made, in_columns.result())


def make_plain(records: Records, named: Named, plain: Truths) -> tuple[pa.Table, pa.Table]:
    fragments = make_fragments(records, named, plain)
    return fragments, make_keys(records, named, plain, fragments)
