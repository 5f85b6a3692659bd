"""Keeps event traces up to date: after each commit it stitches anew what the commit touched."""

import time
from collections.abc import Callable
from typing import Final

import pyarrow as pa
from duckdb import DuckDBPyConnection as Cursor

from collector.derive.cutting import Cutter, Section
from collector.derive.deciding import Judging, decide
from collector.derive.follower import Follower, Source
from collector.derive.hot import EVERYTHING, HOT_ROWS, Hot
from collector.derive.indexing import Indexer
from collector.derive.load import Load
from collector.derive.pacing import MAX_RECORDS, Pace
from collector.store import stitching
from collector.store.database import OWN_TIMEOUT_S, Database
from collector.store.runs import RunEnd
from collector.store.stitching_cut import find_old, give_dirty
from collector.store.stitching_load import Loaded, Reach, load
from collector.store.stitching_save import save

# After a sweep none comes for this many times as long as it took: 2 % of a core.
_SWEEP_PAUSE: Final = 60.0

_Reading = Callable[[Cursor], tuple[Reach, Loaded]]


class Stitcher(Follower):
    """The follower that stitches; ``most_records`` of one run, give or take an export."""

    def __init__(
        self,
        database: Database,
        writer: Source,
        judging: Judging,
        clock: Callable[[], int] = time.time_ns,
        rested_s: Callable[[], float] = time.monotonic,
        most_records: int = MAX_RECORDS,
    ) -> None:
        stitching.STITCHING.check()
        super().__init__(
            "stitcher",
            "event traces",
            writer,
            database.read(stitching.progress, OWN_TIMEOUT_S).stitched_seq,
            Pace(Load(), most_records),
            clock,
            rested_s,
        )
        self.sweeps = 0
        self._database = database
        self._judging = judging
        self._cutter = Cutter(database, judging.rules.queues)
        self._hot = Hot(database.read(stitching.key_rows, OWN_TIMEOUT_S), HOT_ROWS)
        self._indexer = Indexer(database)
        self._forgotten_seq = 0
        self._swept_at = self._swept_s = 0.0

    def stop(self) -> None:
        """Ends after the run that is going on; what is left is stitched at the next start."""
        super().stop()
        self._cutter.stop()
        self._indexer.stop()

    def step(self) -> bool:
        """One run, and a sweep when it is due; False when there was nothing new."""
        now = self._progress()
        if now.deleted_seq > self._forgotten_seq:
            self._database.derive(lambda cursor: stitching.forget(cursor, now.deleted_seq))
            self._forgotten_seq = now.deleted_seq
        if self._sweep_due(now):
            self._sweep(now)
        if not self.pace.load.pressed:
            self._indexer.go_on()
        if now.applied_seq <= now.stitched_seq:
            self.reached(now.stitched_seq)
            return False
        began_s = time.monotonic()
        ahead = self._cutter.ahead(now)
        end = ahead.end if ahead else self._cutter.end(now, now.stitched_seq, self.pace.records)
        self.waiting_since_ns = end.received_ns

        def mark(cursor: Cursor, reach: Reach) -> None:
            stitching.mark_stitched(cursor, end.up_to_seq, now, whole=reach.whole)

        try:
            self._stitch(self._reading(now, end, ahead), mark)
        except BaseException:
            self._cutter.drop()
            raise
        # The allocator keeps what columns took: 40 MiB, at full load for a run that does not come.
        pa.default_memory_pool().release_unused()
        self.ran(end.up_to_seq, began_s, more=not end.last)
        self.look_behind(self._database)
        return True

    def _reading(self, now: stitching.Progress, end: RunEnd, ahead: Section | None) -> _Reading:
        """Reads what is up to that end. While there is more, the next is cut beside it."""
        floor_seq = self._hot.floor_seq
        more = not end.last and not self.pace.load.pressed
        section = ahead or (self._cutter.section(now, end, floor_seq) if more else None)
        if more:
            self._cutter.begin(now, end.up_to_seq, floor_seq, self.pace.records)

        def read(cursor: Cursor) -> tuple[Reach, Loaded]:
            if section is None:
                reach, cut = self._cutter.cut_next(cursor, now, end, floor_seq)
            else:
                reach, cut = section.reach, section.cut
                give_dirty(cursor, section.dirty, reach.floor_seq)
            return reach, load(cursor, reach, cut, self._judging.rules.hub_bound)

        return read

    def _progress(self) -> stitching.Progress:
        now = self._database.read(stitching.progress, OWN_TIMEOUT_S)
        if now.fingerprint == now.hash_now:
            return now
        self._database.derive(lambda cursor: stitching.start_over(cursor, now))
        self._hot = Hot((), HOT_ROWS)
        return self._database.read(stitching.progress, OWN_TIMEOUT_S)

    def _sweep_due(self, now: stitching.Progress) -> bool:
        if self._hot.floor_seq == EVERYTHING or now.swept_seq >= now.stitched_seq:
            return False
        rest = _SWEEP_PAUSE * self._swept_s
        return self._hot.floor_seq > now.swept_seq or time.monotonic() > self._swept_at + rest

    def _sweep(self, now: stitching.Progress) -> None:
        """Looks in all that is stored for what the runs since the last sweep had to leave out."""
        began_s = time.monotonic()
        reach = Reach(now.stitched_seq, now.stitched_seq, self._hot.floor_seq)

        def read(cursor: Cursor) -> tuple[Reach, Loaded]:
            wide, since_seq = find_old(cursor, reach, now.swept_seq)
            cut = self._cutter.cut(cursor, since_seq, reach.up_to_seq)
            return wide, load(cursor, wide, cut, self._judging.rules.hub_bound)

        def mark(cursor: Cursor, _: Reach) -> None:
            stitching.mark_swept(cursor, now.stitched_seq)

        self._stitch(read, mark)
        self.sweeps += 1
        self._swept_at = time.monotonic()
        self._swept_s = self._swept_at - began_s

    def _stitch(self, read: _Reading, mark: Callable[[Cursor, Reach], None]) -> None:
        reach, loaded = self._database.read(read, OWN_TIMEOUT_S)
        changes = decide(loaded, reach.up_to_seq, self._judging)

        def write(cursor: Cursor) -> int:
            rows = save(cursor, changes, loaded)
            mark(cursor, reach)
            return rows

        rows = self._database.derive(write)
        self._hot.wrote(reach.up_to_seq, rows)
        self._indexer.wrote(rows)
