"""Keeps event traces up to date: after each commit it stitches anew what the commit touched.

It works from its own progress in the store, not from what it is told: what was committed while it
was down, or not reported, is stitched all the same. A run and its progress commit together, so a
run that ended anywhere else did not happen.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

import duckdb
import structlog
from duckdb import DuckDBPyConnection as Cursor

from collector.derive.cutting import TIMEOUT_S, Cutter
from collector.derive.deciding import Judging, decide
from collector.derive.hot import EVERYTHING, HOT_ROWS, Hot
from collector.derive.pacing import MAX_RECORDS, WINDOW_S, Pace
from collector.errors import QueryTimeout, StoreUnavailable
from collector.model.timings import Timings
from collector.store import stitching
from collector.store.database import Database
from collector.store.stitching_cut import find_old
from collector.store.stitching_load import Cut, Reach, load
from collector.store.stitching_save import save
from collector.store.writer import CommitInfo

_log = structlog.get_logger(__name__)

_IDLE_S: Final = 5.0
# After a sweep none comes for this many times as long as it took: 3 % of a core.
_SWEEP_PAUSE: Final = 30.0
_RETRY_S: Final = 1.0

_TROUBLE: Final = "event traces are not kept up to date; it is tried again"
_FAILURES: Final = (duckdb.Error, StoreUnavailable, QueryTimeout)


class Source(Protocol):
    """What the stitcher needs of the writer."""

    listeners: list[Callable[[CommitInfo], None]]

    @property
    def applied_seq(self) -> int: ...

    @property
    def waiting_rows(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Lag:
    """How far stitching is behind the store: exports, and seconds since the first of them came."""

    exports: int
    seconds: float


class Stitcher:
    """One thread; ``stitched_seq`` is the last export whose event traces readers can see.

    ``rested_s`` says how long there was nothing to take so far: where that stands still, taking
    goes first. ``most_records``: how many one run reads at most, give or take an export.
    """

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
        self.stitched_seq = database.read(stitching.progress).stitched_seq
        self.runs = 0
        self.sweeps = 0
        self.records = 0
        self.failures = 0
        self.last_error: str | None = None
        self.timings = Timings()
        self._database = database
        self._writer = writer
        self._judging = judging
        self._clock = clock
        self._rested_s = rested_s
        self._pace = Pace(most_records)
        self._cutter = Cutter(database, judging.rules.queues)
        self._hot = Hot(database.read(stitching.key_rows), HOT_ROWS)
        self._forgotten_seq = 0
        self._swept_at = self._swept_s = 0.0
        self._waiting_since_ns: int | None = None
        self._asked = 0
        self._stopping = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="stitcher", daemon=True)
        writer.listeners.append(self._committed)

    @property
    def lag(self) -> Lag:
        exports = max(0, self._writer.applied_seq - self.stitched_seq)
        since_ns = self._waiting_since_ns
        if not exports or since_ns is None:
            return Lag(exports, 0.0)
        return Lag(exports, max(0.0, (self._clock() - since_ns) / 1e9))

    @property
    def healthy(self) -> bool:
        return self._thread.is_alive() and self.last_error is None

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Ends after the run that is going on; what is left is stitched at the next start."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join()
        self._cutter.stop()

    def wait_stitched(self, timeout_s: float) -> bool:
        """Waits until everything applied by now is stitched; False = not yet."""
        target = self._writer.applied_seq
        with self._changed:
            self._asked += 1
            self._changed.notify_all()
            done = self._changed.wait_for(lambda: self.stitched_seq >= target, timeout_s)
            self._asked -= 1
            return done

    def step(self) -> bool:
        """One run, and a sweep when it is due; False when there was nothing new."""
        now = self._progress()
        if now.deleted_seq > self._forgotten_seq:
            self._database.derive(lambda cursor: stitching.forget(cursor, now.deleted_seq))
            self._forgotten_seq = now.deleted_seq
        if self._sweep_due(now):
            self._sweep(now)
        if now.applied_seq <= now.stitched_seq:
            self._reached(now.stitched_seq)
            return False
        began_s = time.monotonic()
        section = self._cutter.next(now, self._hot.floor_seq, self._pace.records)
        end = section.end
        self._waiting_since_ns = end.received_ns
        if not end.last and not self._pace.pressed:
            self._cutter.begin(now, end.up_to_seq, self._hot.floor_seq, self._pace.records)
        reach = Reach(now.stitched_seq, end.up_to_seq, self._hot.floor_seq)

        def mark(cursor: Cursor) -> None:
            stitching.mark_stitched(cursor, end.up_to_seq, now, whole=reach.whole)

        try:
            self._stitch(section.cut, reach, mark)
        except BaseException:
            self._cutter.drop()
            raise
        self.runs += 1
        took_s = time.monotonic() - began_s
        self.timings.took(took_s)
        self._pace.took(took_s, more=not end.last)
        self._reached(end.up_to_seq)
        return True

    def _progress(self) -> stitching.Progress:
        now = self._database.read(stitching.progress)
        if now.fingerprint == now.hash_now:
            return now
        self._database.derive(lambda cursor: stitching.start_over(cursor, now))
        self._hot = Hot((), HOT_ROWS)
        return self._database.read(stitching.progress)

    def _sweep_due(self, now: stitching.Progress) -> bool:
        if self._hot.floor_seq == EVERYTHING or now.swept_seq >= now.stitched_seq:
            return False
        rest = _SWEEP_PAUSE * self._swept_s
        return self._hot.floor_seq > now.swept_seq or time.monotonic() > self._swept_at + rest

    def _sweep(self, now: stitching.Progress) -> None:
        """Looks in all that is stored for what the runs since the last sweep had to leave out."""
        began_s = time.monotonic()
        reach = Reach(now.stitched_seq, now.stitched_seq, self._hot.floor_seq)

        def read(cursor: Cursor) -> tuple[Cut, Reach]:
            wide, since_seq = find_old(cursor, reach, now.swept_seq)
            return self._cutter.cut(cursor, since_seq, reach.up_to_seq), wide

        def mark(cursor: Cursor) -> None:
            stitching.mark_swept(cursor, now.stitched_seq)

        self._stitch(*self._database.read(read, TIMEOUT_S), mark)
        self.sweeps += 1
        self._swept_at = time.monotonic()
        self._swept_s = self._swept_at - began_s

    def _stitch(self, cut: Cut, reach: Reach, mark: Callable[[Cursor], None]) -> None:
        loaded = self._database.read(lambda cursor: load(cursor, reach, cut), TIMEOUT_S)
        changes = decide(loaded, reach.up_to_seq, self._judging)

        def write(cursor: Cursor) -> int:
            rows = save(cursor, changes, loaded)
            mark(cursor)
            return rows

        self._hot.wrote(reach.up_to_seq, self._database.derive(write))

    def _committed(self, _: CommitInfo) -> None:
        with self._changed:
            self._changed.notify_all()

    def _run(self) -> None:
        while self._wait():
            try:
                self.step()
                self._recovered()
            except _FAILURES as error:
                # A store that takes nothing is told of by its writer.
                if self._failed(error) and not isinstance(error, StoreUnavailable):
                    _log.error(_TROUBLE, reason=self.last_error)
            except Exception as error:  # a fault of ours; the thread lives on, records are safe
                if self._failed(error):
                    _log.exception(_TROUBLE)
            self._pace.ran_at = time.monotonic()

    def _wait(self) -> bool:
        """Returns when a run is due; False at the end."""
        with self._changed:
            while not self._stopping:
                now_s = time.monotonic()
                self._pace.look(
                    now_s, rested_s=self._rested_s(), waiting_rows=self._writer.waiting_rows
                )
                behind = self._writer.applied_seq > self.stitched_seq
                wait_s = self._pace.ran_at + (self._pause_s() if behind else _IDLE_S) - now_s
                if wait_s <= 0:
                    return True
                self._changed.wait(min(wait_s, WINDOW_S) if behind else wait_s)
            return False

    def _pause_s(self) -> float:
        """Seconds between two runs."""
        if self.last_error is not None:
            return _RETRY_S
        return self._pace.pause_s(asked=self._asked > 0)

    def _reached(self, seq: int) -> None:
        with self._changed:
            self.stitched_seq = max(self.stitched_seq, seq)
            self._changed.notify_all()

    def _failed(self, error: Exception) -> bool:
        """Counts a failure; True for the first of a row of them."""
        first = self.last_error is None
        self.failures += 1
        self._pace.failed()
        self.last_error = f"{type(error).__name__}: {str(error).partition(chr(10))[0]}"
        return first

    def _recovered(self) -> None:
        if self.last_error is not None:
            _log.info("event traces are kept up to date again")
        self.last_error = None
