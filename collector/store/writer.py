"""Applies answered exports to DuckDB: one thread, one transaction for all that waits.

What it is given is already safe in the journal, so a transaction may wait for more rows to share
its fixed cost, and a checkpoint may take its time. It is the writer that checkpoints, by hand:
only then is everything applied in the file proper and the journal may let go of it.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from math import inf
from typing import Final

import duckdb
import pyarrow as pa
import structlog

from collector.batch import Batch, Export
from collector.errors import StoreBusy, StoreUnavailable
from collector.store.applier import Applier, GivenUpError, require_held
from collector.store.apply import INGEST
from collector.store.database import OWN_TIMEOUT_S, Database
from collector.store.journal import Journal
from collector.store.quarantine import Quarantine
from collector.store.retention import Keeper, Retention
from collector.store.work import Taken, Work, joined, taken

# From 122,880 rows a transaction writes row groups of its own past the log: twice the disk space.
_MAX_ROWS: Final = 80_000
# A commit costs 4 ms whatever it holds. At 10 a second that is 4 % of a core; a store that has
# been idle this long commits at once, and one that a reader waits for sooner.
_PAUSE_S: Final = 0.1
_ASKED_PAUSE_S: Final = 0.02
_IDLE_S: Final = 5.0
# A log that stays small is checkpointed this rarely, so that a quiet store also lets go.
_CHECKPOINT_AGE_S: Final = 900.0
_CHECKPOINT_RETRY_S: Final = 5.0
# A checkpoint that would wait for who derives is put off, while rows are stored, until the log is
# this much longer: to wait for one takes up to a second when both cores are busy.
_LATE_LOGS: Final = 1.25
# Each checkpoint leaves small row groups behind. To merge those of four takes 1.4 s and more, three
# times what the checkpoint itself does, so it is done when there is time: when the log took this
# long to fill, when nothing comes, and else after so many checkpoints.
_TIDY_S: Final = 30.0
_TIDY_EVERY: Final = 64
_TIDIED: Final = 4
# Who reads holds a checkpoint up for as long as a question may take; only then it is a fault.
_BUSY_PAUSE_S: Final = 0.2
_BUSY_LOGS: Final = 3
_KEEPING_RETRY_S: Final = 5.0
_STUMBLE_PAUSE_S: Final = 1.0

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class CommitInfo:
    """What one commit stored; ``tables`` holds its rows, interned ones perhaps again."""

    up_to_seq: int
    tables: Mapping[str, pa.Table]


@dataclass(frozen=True, slots=True)
class _Job:
    exports: Sequence[Taken]
    batch: Batch
    up_to_seq: int
    rows: int
    on_applied: Callable[[], None]


class Writer:
    """The only writer of the database; ``applied_seq`` is the last export readers can see.

    ``applier`` has the counts, ``listeners`` are called after each commit in the writer's thread.
    """

    def __init__(
        self,
        database: Database,
        journal: Journal,
        *,
        dedup_window_ns: int,
        retention: Retention | None = None,
        clock: Callable[[], int] = time.time_ns,
    ) -> None:
        INGEST.check()
        self.applier = Applier(
            database, Quarantine(database.beside(".quarantine")), dedup_window_ns
        )
        self.applied_seq = self.applier.reached
        self.listeners: list[Callable[[CommitInfo], None]] = []
        self.checkpoints = 0
        self.untidy = 0  # checkpoints whose row groups were left as they are
        self.checkpoint_error: str | None = None
        self.keeping_error: str | None = None
        self.crashes = 0
        self.keeper = Keeper(database, journal, retention, dedup_window_ns, clock)
        self._database = database
        self._journal = journal
        self._jobs: deque[_Job] = deque()
        self._rows = self._most_rows = 0
        self._asked = 0
        self._stopping = False
        self._keeping_from = self._held_until = self._checkpoint_from = 0.0
        self._changed = threading.Condition()
        self._committed_at = self._checkpointed_at = time.monotonic()
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)

    @property
    def last_error(self) -> str | None:
        """What the database cannot do at the moment (take data, checkpoint, delete), or None."""
        return self.applier.last_error or self.checkpoint_error or self.keeping_error

    @property
    def healthy(self) -> bool:
        """False while something is wrong that a person may have to mend."""
        return self._thread.is_alive() and self.last_error is None

    @property
    def waiting_rows(self) -> int:
        """Rows submitted that readers cannot see yet."""
        return self._rows

    def take_most_waiting(self) -> int:
        """The most rows that waited at any time since this was asked last."""
        with self._changed:
            most, self._most_rows = self._most_rows, self._rows
        return most

    @property
    def held_back(self) -> bool:
        """During a checkpoint and as long again: it is why rows wait, not how many come."""
        return time.monotonic() < self._held_until

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Stores everything submitted, checkpoints and ends the thread."""
        self.applier.stopping.set()
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join()

    def submit(
        self, exports: Sequence[Export], batch: Batch, on_applied: Callable[[], None]
    ) -> None:
        """Takes journalled exports, in order of ``seq``; ``batch.outcomes`` is in their order.

        ``on_applied`` is called once, in the writer's thread, when readers see the rows. Exports
        without records are passed over.
        """
        digests = [self._journal.take_digest(export) for export in exports]
        rows = sum(table.num_rows for table in batch.tables.values())
        job = _Job(taken(exports, batch, digests), batch, exports[-1].seq, rows, on_applied)
        with self._changed:
            self._jobs.append(job)
            self._rows += rows
            self._most_rows = max(self._most_rows, self._rows)
            self._changed.notify_all()

    def wait_visible(self, timeout_s: float) -> bool:
        """Waits until readers see everything that has been answered by now; False = not yet."""
        target = self._journal.last_seq
        with self._changed:
            if self.applied_seq >= target:
                return True
            self._asked += 1
            self._changed.notify_all()
            seen = self._changed.wait_for(lambda: self.applied_seq >= target, timeout_s)
            self._asked -= 1
            return seen

    def _run(self) -> None:
        try:
            self._round(self._checkpoint)
            while (jobs := self._gather()) is not None:
                self._round(partial(self._work, jobs))
            self._round(self._checkpoint)
        except GivenUpError as error:
            _log.error("stopped with exports left for the next start", reason=str(error))

    def _work(self, jobs: list[_Job]) -> None:
        if jobs:
            self._store(jobs)
        self._maintain(idle=not jobs)

    def _round(self, step: Callable[[], None]) -> None:
        try:
            step()
        except GivenUpError:
            raise
        except Exception:  # the thread lives on; nothing is lost, the journal has it
            self._stumbled()

    def _gather(self) -> list[_Job] | None:
        """The jobs of the next transaction; none after a while of idleness; None at the end."""
        with self._changed:
            resting = time.monotonic() < self._keeping_from
            wait_s = 0 if self.keeper.busy and not resting else _IDLE_S
            self._changed.wait_for(lambda: self._jobs or self._stopping, timeout=wait_s)
            if not self._jobs:
                return None if self._stopping else []
            while (pause := self._pause()) > 0:
                self._changed.wait(pause)
            jobs = [self._jobs.popleft()]
            rows = jobs[0].rows
            while self._jobs and rows + self._jobs[0].rows <= _MAX_ROWS:
                rows += self._jobs[0].rows
                jobs.append(self._jobs.popleft())
            return jobs

    def _pause(self) -> float:
        """Seconds the next transaction may still wait for more rows."""
        if self._stopping or self._rows >= _MAX_ROWS:
            return 0.0
        pause = _ASKED_PAUSE_S if self._asked else _PAUSE_S
        return self._committed_at + pause - time.monotonic()

    def _store(self, jobs: list[_Job]) -> None:
        self._committed_at = time.monotonic()
        parts = self._stored(jobs)
        self._finished(jobs)
        for part in parts:
            info = CommitInfo(jobs[-1].up_to_seq, part.tables)
            for listener in self.listeners:
                listener(info)

    def _stored(self, jobs: list[_Job]) -> list[Work]:
        """Goes on until it is done: what comes later must not be marked as applied before it."""
        while True:
            try:
                work = joined([(job.exports, job.batch) for job in jobs])
                return self.applier.store(work, jobs[-1].up_to_seq)
            except GivenUpError:
                raise
            except Exception as error:  # a fault of ours; better to stand still than to lose
                self._stumbled()
                if len(jobs) > 1:
                    return [part for job in jobs for part in self._stored([job])]
                self.applier.failed(StoreUnavailable(f"a fault of the collector: {error!r}"))
                if self.applier.stopping.is_set():
                    raise GivenUpError(f"not stored: {error!r}") from error
                time.sleep(_STUMBLE_PAUSE_S)

    def _stumbled(self) -> None:
        self.crashes += 1
        if self.crashes == 1:
            _log.exception("the writer stumbled and goes on")

    def _finished(self, jobs: list[_Job]) -> None:
        with self._changed:
            self.applied_seq = jobs[-1].up_to_seq
            self._rows -= sum(job.rows for job in jobs)
            self._changed.notify_all()
        for job in jobs:
            job.on_applied()

    def _maintain(self, *, idle: bool) -> None:
        if self._checkpoint_due(idle):
            filled_s = time.monotonic() - self._checkpointed_at
            tidy = idle or filled_s > _TIDY_S or self.untidy >= _TIDY_EVERY
            self._checkpoint(tidy=tidy or self.keeper.wants_tidying)
        if time.monotonic() < self._keeping_from:
            return
        try:
            self.keeper.step()
            if idle and self.keeper.sweep_due and self.keeper.sweep():
                self.applier.forget_known()
        except (StoreUnavailable, duckdb.Error) as error:
            self._not_kept(str(error))
        else:
            self.keeping_error = None

    def _not_kept(self, reason: str) -> None:
        """Rests before the next step: a full disk would be asked without end."""
        self._keeping_from = time.monotonic() + _KEEPING_RETRY_S
        self.applier.forget_known()  # a sweep may have been done all the same
        if self.keeping_error is None:
            _log.error("old telemetry cannot be deleted; it is tried again", reason=reason)
        self.keeping_error = reason

    def _checkpoint_due(self, idle: bool) -> bool:
        log_bytes = self._database.log_bytes
        age_s = time.monotonic() - self._checkpointed_at
        if log_bytes >= self._database.checkpoint_bytes:
            late = log_bytes >= _LATE_LOGS * self._database.checkpoint_bytes
            waits = self._database.deriving and not late
            return not waits and time.monotonic() >= self._checkpoint_from
        if not idle or self.keeper.busy:
            return False
        due = self.untidy > 0 or age_s > _CHECKPOINT_AGE_S
        return self.keeper.wants_checkpoint or (log_bytes > 0 and due)

    def _log_is_short(self) -> bool:
        return self._database.log_bytes < _BUSY_LOGS * self._database.checkpoint_bytes

    def _checkpoint(self, *, tidy: bool = False) -> None:
        self._checkpointed_at = time.monotonic()
        self._held_until = inf
        try:
            self._try_checkpoint(tidy=tidy)
        finally:
            now = time.monotonic()
            self._held_until = 2 * now - self._checkpointed_at

    def _try_checkpoint(self, *, tidy: bool) -> None:
        try:
            self._database.checkpoint(tidy=tidy)
            self._database.read(partial(require_held, reached=self.applied_seq), OWN_TIMEOUT_S)
        except StoreUnavailable as error:
            self._checkpoint_from = time.monotonic() + _CHECKPOINT_RETRY_S
            if isinstance(error, StoreBusy) and self._log_is_short():
                self._checkpoint_from = time.monotonic() + _BUSY_PAUSE_S
                return
            if self.checkpoint_error is None:
                _log.error("the database cannot checkpoint; its log grows", reason=str(error))
            self.checkpoint_error = str(error)
            return
        if self.checkpoint_error is not None:
            _log.info("the database checkpoints again")
        self.checkpoint_error = None
        self.checkpoints += 1
        self.untidy = max(0, self.untidy - _TIDIED) if tidy else self.untidy + 1
        self._journal.release(self.applied_seq)
        self.keeper.look()
