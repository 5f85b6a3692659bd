"""Keeps invocations and their figures up to date: after each commit, just what it touched.

It works from its own progress in the store, as the stitcher does: a run and its progress commit
together, so what was committed while it was down is derived all the same, and nothing twice.
"""

import threading
import time
from collections.abc import Callable
from typing import Final

import duckdb
import structlog

from collector.derive.stitcher import Lag, Source
from collector.errors import QueryTimeout, StoreUnavailable
from collector.model.timings import Timings
from collector.store import deriving
from collector.store.database import Database
from collector.store.writer import CommitInfo

_log = structlog.get_logger(__name__)

# Records one run reads: while it writes, 0.2 s, the stitcher and checkpoints wait. A run that fails
# for want of memory or time is repeated with fewer.
_MAX_RECORDS: Final = 30_000
_FEWEST_RECORDS: Final = 500
# A run costs some 100 ms whatever it reads; who asks does not wait for the pause to end.
_PAUSE_S: Final = 2.0
_ASKED_PAUSE_S: Final = 0.02
# After a run none comes for this many times as long as it took while more than so many rows come in
# a second, or wait to be stored: taking them goes first.
_BUSY_ROWS_A_S: Final = 50_000
_BUSY_ROWS: Final = 20_000
_BUSY_PAUSE: Final = 8.0
_LONGEST_PAUSE_S: Final = 5.0
_IDLE_S: Final = 5.0
_RETRY_S: Final = 1.0
_TIMEOUT_S: Final = 120.0
# Changes are added up into the figures at this many rows, or after this time.
_FOLD_ROWS: Final = 100_000
_FOLD_EVERY_S: Final = 60.0

_TROUBLE: Final = "invocations are not kept up to date; it is tried again"
_FAILURES: Final = (duckdb.Error, StoreUnavailable, QueryTimeout)


class Deriver:
    """One thread; ``derived_seq`` is the last export whose invocations readers can see."""

    def __init__(
        self, database: Database, writer: Source, clock: Callable[[], int] = time.time_ns
    ) -> None:
        deriving.DERIVING.check()
        self.derived_seq = database.read(deriving.progress, _TIMEOUT_S).derived_seq
        self.runs = 0
        self.touched = 0
        self.failures = 0
        self.last_error: str | None = None
        self.timings = Timings()
        self._database = database
        self._writer = writer
        self._clock = clock
        self._max_records = _MAX_RECORDS
        self._forgotten_seq = 0
        self._folded_at = time.monotonic()
        self._waiting_since_ns: int | None = None
        self._more = False
        self._rows = self._rows_before = 0
        self._asked = 0
        self._stopping = False
        self._ran_at = self._took_s = 0.0
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="deriver", daemon=True)
        writer.listeners.append(self._committed)

    @property
    def lag(self) -> Lag:
        """How far the derived model is behind the store."""
        exports = max(0, self._writer.applied_seq - self.derived_seq)
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
        """Ends after the run that is going on; what is left is derived at the next start."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join()

    def wait_derived(self, timeout_s: float) -> bool:
        """Waits until everything applied by now is derived; False = not yet."""
        target = self._writer.applied_seq
        with self._changed:
            self._asked += 1
            self._changed.notify_all()
            done = self._changed.wait_for(lambda: self.derived_seq >= target, timeout_s)
            self._asked -= 1
            return done

    def step(self) -> bool:
        """One run, and what is due beside it; False when there was nothing new."""
        now = self._database.read(deriving.progress, _TIMEOUT_S)
        if now.deleted_seq > self._forgotten_seq:
            self._database.derive(lambda cursor: deriving.forget(cursor, now.deleted_seq))
            self._forgotten_seq = now.deleted_seq
        self._fold()
        if now.applied_seq <= now.derived_seq:
            self._reached(now.derived_seq)
            return False
        began_s = time.monotonic()
        end = self._database.read(
            lambda cursor: deriving.run_end(cursor, now, self._max_records), _TIMEOUT_S
        )
        self._waiting_since_ns, self._more = end.received_ns, not end.last
        self.touched += self._database.derive(
            lambda cursor: deriving.derive(cursor, now.derived_seq, end.up_to_seq)
        )
        self.runs += 1
        self._max_records = min(2 * self._max_records, _MAX_RECORDS)
        self._took_s = time.monotonic() - began_s
        self.timings.took(self._took_s)
        self._reached(end.up_to_seq)
        return True

    def _fold(self) -> None:
        passed_s = time.monotonic() - self._folded_at
        waiting = self._database.read(deriving.changes_waiting, _TIMEOUT_S)
        if waiting > _FOLD_ROWS or (waiting and passed_s > _FOLD_EVERY_S):
            self._database.derive(deriving.fold)
            self._folded_at = time.monotonic()

    def _committed(self, info: CommitInfo) -> None:
        with self._changed:
            self._rows += sum(table.num_rows for table in info.tables.values())
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
            self._ran_at = time.monotonic()

    def _wait(self) -> bool:
        """Returns when a run is due; False at the end."""
        with self._changed:
            while not self._stopping:
                behind = self._writer.applied_seq > self.derived_seq
                due_at = self._ran_at + (self._pause() if behind else _IDLE_S)
                if (wait_s := due_at - time.monotonic()) <= 0:
                    self._rows_before = self._rows
                    return True
                self._changed.wait(wait_s)
            return False

    def _pause(self) -> float:
        """Seconds between two runs."""
        if self.last_error is not None:
            return _RETRY_S
        passed_s = max(time.monotonic() - self._ran_at, 0.1)
        rate = (self._rows - self._rows_before) / (passed_s + self._took_s)
        if rate > _BUSY_ROWS_A_S or self._writer.waiting_rows > _BUSY_ROWS:
            return min(max(_PAUSE_S, _BUSY_PAUSE * self._took_s), _LONGEST_PAUSE_S)
        if self._asked:
            return _ASKED_PAUSE_S
        return 0.0 if self._more else _PAUSE_S

    def _reached(self, seq: int) -> None:
        with self._changed:
            self.derived_seq = max(self.derived_seq, seq)
            self._changed.notify_all()

    def _failed(self, error: Exception) -> bool:
        """Counts a failure; True for the first of a row of them."""
        first = self.last_error is None
        self.failures += 1
        self._max_records = max(self._max_records // 4, _FEWEST_RECORDS)
        self.last_error = f"{type(error).__name__}: {str(error).partition(chr(10))[0]}"
        return first

    def _recovered(self) -> None:
        if self.last_error is not None:
            _log.info("invocations are kept up to date again")
        self.last_error = None
