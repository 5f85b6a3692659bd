"""Cuts what got records into fragments, the first half of a run: also while another one decides."""

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from duckdb import DuckDBPyConnection as Cursor

from collector.derive.fragmenting import make
from collector.model.stitching.rules import Queues
from collector.store.database import OWN_TIMEOUT_S, Database
from collector.store.runs import RunEnd, run_end
from collector.store.stitching import Progress
from collector.store.stitching_cut import find_dirty, take_cut
from collector.store.stitching_facts import (
    make_plain,
    read_loose_logs,
    read_records,
    read_traces,
)
from collector.store.stitching_load import Cut, Reach


@dataclass(frozen=True, slots=True)
class Section:
    """A run's records and what was cut of them; it is stitched with the reach it was cut with."""

    reach: Reach
    end: RunEnd
    cut: Cut


class Cutter:
    """Cuts the next section; ``begin`` does so ahead, in a thread of its own."""

    def __init__(self, database: Database, queues: Queues) -> None:
        self._database = database
        self._queues = queues
        self._threads = ThreadPoolExecutor(1, "cutter")
        self._ahead: Future[Section] | None = None

    def next(self, now: Progress, floor_seq: int, most: int) -> Section:
        """What comes after the last stitched export, with at most about ``most`` records."""
        ahead, self._ahead = self._ahead, None
        if ahead is not None:
            section = ahead.result()
            if section.reach.after_seq == now.stitched_seq:
                return section
        return self._section(now, now.stitched_seq, floor_seq, most)

    def begin(self, now: Progress, after_seq: int, floor_seq: int, most: int) -> None:
        """Begins to cut what comes after an export that is being stitched."""
        self._ahead = self._threads.submit(self._section, now, after_seq, floor_seq, most)

    def drop(self) -> None:
        """Forgets what was cut ahead."""
        ahead, self._ahead = self._ahead, None
        if ahead is not None:
            ahead.exception()  # waited for, so that two are never at work

    def stop(self) -> None:
        self._threads.shutdown()

    def cut(self, cursor: Cursor, since_seq: int, up_to_seq: int) -> Cut:
        """What was found with this cursor, its records lying between two exports.

        What is plain is made in SQL while the pure core makes the rest.
        """
        read_records(cursor, since_seq, up_to_seq, self._queues.dead_letters)
        loose = read_loose_logs(cursor, since_seq, up_to_seq)
        traces = read_traces(cursor)
        with ThreadPoolExecutor(1) as thread:
            plain = thread.submit(make_plain, cursor)
            made = make(traces, loose, self._queues).tables()
            plain.result()
        return take_cut(cursor, *made)

    def _section(self, now: Progress, after_seq: int, floor_seq: int, most: int) -> Section:
        end = self._database.read(
            lambda cursor: run_end(cursor, after_seq, now.applied_seq, most), OWN_TIMEOUT_S
        )
        reach = Reach(after_seq, end.up_to_seq, floor_seq)

        def read(cursor: Cursor) -> Cut:
            since_seq = find_dirty(cursor, reach, now.stitched_seq)
            return self.cut(cursor, since_seq, end.up_to_seq)

        return Section(reach, end, self._database.read(read, OWN_TIMEOUT_S))
