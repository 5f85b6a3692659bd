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

from collector.derive.pacing import WINDOW_S, Pace
from collector.derive.stitcher import Lag, Source
from collector.errors import QueryTimeout, StoreUnavailable
from collector.model.timings import Timings
from collector.store import deriving
from collector.store.database import Database
from collector.store.writer import CommitInfo

_log = structlog.get_logger(__name__)

# Records one run reads: while it writes, 0.2 s, the stitcher and checkpoints wait.
_MAX_RECORDS: Final = 30_000
# A run costs some 100 ms whatever it reads; who asks does not wait for the pause to end.
_PAUSE_S: Final = 2.0
_IDLE_S: Final = 5.0
_RETRY_S: Final = 1.0
_TIMEOUT_S: Final = 120.0
# Changes are added up into the figures at this many rows, or after this time.
_FOLD_ROWS: Final = 100_000
_FOLD_EVERY_S: Final = 60.0

_TROUBLE: Final = "invocations are not kept up to date; it is tried again"
_FAILURES: Final = (duckdb.Error, StoreUnavailable, QueryTimeout)


class Deriver:
    """One thread; ``derived_seq`` is the last export whose invocations readers can see.

    ``rested_s`` as the stitcher's: where that stands still, taking telemetry goes first.
    """

    def __init__(
        self,
        database: Database,
        writer: Source,
        clock: Callable[[], int] = time.time_ns,
        rested_s: Callable[[], float] = time.monotonic,
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
        self._rested_s = rested_s
        self._pace = Pace(_MAX_RECORDS, _PAUSE_S)
        self._forgotten_seq = 0
        self._folded_at = time.monotonic()
        self._waiting_since_ns: int | None = None
        self._asked = 0
        self._stopping = False
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
            lambda cursor: deriving.run_end(cursor, now, self._pace.records), _TIMEOUT_S
        )
        self._waiting_since_ns = end.received_ns
        self.touched += self._database.derive(
            lambda cursor: deriving.derive(cursor, now.derived_seq, end.up_to_seq)
        )
        self.runs += 1
        took_s = time.monotonic() - began_s
        self.timings.took(took_s)
        self._pace.took(took_s, more=not end.last)
        self._reached(end.up_to_seq)
        return True

    def _fold(self) -> None:
        passed_s = time.monotonic() - self._folded_at
        waiting = self._database.read(deriving.changes_waiting, _TIMEOUT_S)
        if waiting > _FOLD_ROWS or (waiting and passed_s > _FOLD_EVERY_S):
            self._database.derive(deriving.fold)
            self._folded_at = time.monotonic()

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
                behind = self._writer.applied_seq > self.derived_seq
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
            self.derived_seq = max(self.derived_seq, seq)
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
            _log.info("invocations are kept up to date again")
        self.last_error = None
