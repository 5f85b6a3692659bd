"""Applies answered exports to DuckDB: one thread, one transaction for all that waits.

What it is given is already safe in the journal, so nothing here is in a hurry for safety's sake
and nothing may be lost: what cannot be stored now is tried again until it can.
"""

import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

import pyarrow as pa
import structlog

from collector.batch import Batch, Export, Signal
from collector.errors import StoreUnavailable
from collector.store.apply import INGEST, Known, applied_seq, apply
from collector.store.database import Database
from collector.store.journal import Journal
from collector.store.retention import Retention
from collector.store.work import Taken, Work, joined, taken

_MAX_ROWS: Final = 128_000
_BACKOFF_S: Final = (0.1, 0.3, 1.0, 3.0)
_IDLE_S: Final = 1.0

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class CommitInfo:
    """What one commit stored; ``tables`` are the rows as inserted."""

    up_to_seq: int
    tables: dict[str, pa.Table]


@dataclass(slots=True)
class Counts:
    """What the writer did since it started; records and exports by signal."""

    stored_records: Counter[Signal] = field(default_factory=Counter)
    duplicate_records: Counter[Signal] = field(default_factory=Counter)
    stored_exports: Counter[Signal] = field(default_factory=Counter)
    duplicate_exports: Counter[Signal] = field(default_factory=Counter)
    quarantined_records: Counter[Signal] = field(default_factory=Counter)
    commits: int = 0
    checkpoints: int = 0
    failures: int = 0


@dataclass(frozen=True, slots=True)
class _Job:
    exports: Sequence[Taken]
    batch: Batch
    up_to_seq: int
    rows: int
    on_applied: Callable[[], None]


class Writer:
    """The only writer of the database; ``applied_seq`` is the last export readers can see."""

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
        self.counts = Counts()
        self.listeners: list[Callable[[CommitInfo], None]] = []
        self.last_error: str | None = None
        self.applied_seq = database.read(applied_seq)
        self._database = database
        self._journal = journal
        self._window_ns = dedup_window_ns
        self._retention = retention
        self._clock = clock
        self._known = Known()
        self._jobs: deque[_Job] = deque()
        self._rows = 0
        self._asked = 0
        self._stopping = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)

    @property
    def healthy(self) -> bool:
        """False while the database takes nothing; ``last_error`` says why."""
        return self.last_error is None

    @property
    def waiting_rows(self) -> int:
        return self._rows

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Stores everything submitted, checkpoints and ends the thread."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        self._thread.join()

    def submit(
        self, exports: Sequence[Export], batch: Batch, on_applied: Callable[[], None]
    ) -> None:
        """Takes journalled exports, in order of ``seq``; ``batch.outcomes`` is in their order.

        ``on_applied`` is called once, in the writer's thread, when readers see the rows.
        """
        digests = [self._journal.take_digest(export) for export in exports]
        rows = sum(table.num_rows for table in batch.tables.values())
        job = _Job(taken(exports, batch, digests), batch, exports[-1].seq, rows, on_applied)
        with self._changed:
            self._jobs.append(job)
            self._rows += rows
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
        while (jobs := self._gather()) is not None:
            if jobs:
                self._store(jobs)
        self._checkpoint()

    def _gather(self) -> list[_Job] | None:
        with self._changed:
            self._changed.wait_for(lambda: self._jobs or self._stopping, timeout=_IDLE_S)
            if not self._jobs:
                return None if self._stopping else []
            jobs, rows = [self._jobs.popleft()], 0
            while self._jobs and rows + self._jobs[0].rows <= _MAX_ROWS:
                rows += self._jobs[0].rows
                jobs.append(self._jobs.popleft())
            return jobs

    def _store(self, jobs: list[_Job]) -> None:
        work = joined([(job.exports, job.batch) for job in jobs])
        up_to_seq = jobs[-1].up_to_seq
        new = self._commit(work, up_to_seq)
        with self._changed:
            self.applied_seq = up_to_seq
            self._rows -= sum(job.rows for job in jobs)
            self._changed.notify_all()
        for job in jobs:
            job.on_applied()
        info = CommitInfo(up_to_seq, dict(new.tables))
        for listener in self.listeners:
            listener(info)

    def _commit(self, work: Work, up_to_seq: int) -> Work:
        """Tries until it is stored."""
        attempt = 0
        while True:
            try:
                new = self._database.write(
                    lambda cursor: apply(cursor, work, up_to_seq, self._window_ns, self._known)
                )
            except StoreUnavailable as error:
                self._unavailable(error)
                time.sleep(_BACKOFF_S[min(attempt, len(_BACKOFF_S) - 1)])
                attempt += 1
            else:
                self._known.learn(new.tables.items())
                self._count(work, new)
                return new

    def _unavailable(self, error: StoreUnavailable) -> None:
        self.counts.failures += 1
        if self.last_error is None:
            _log.error("the database takes nothing; trying again until it does", reason=str(error))
        self.last_error = str(error)

    def _count(self, work: Work, new: Work) -> None:
        if self.last_error is not None:
            _log.info("the database takes data again")
        self.last_error = None
        kept = {item.export.seq for item in new.exports}
        self.counts.commits += 1
        for item in work.exports:
            signal, stored = item.export.signal, item.export.seq in kept
            records = self.counts.stored_records if stored else self.counts.duplicate_records
            exports = self.counts.stored_exports if stored else self.counts.duplicate_exports
            records[signal] += item.records
            exports[signal] += 1

    def _checkpoint(self) -> None:
        try:
            self._database.checkpoint()
        except StoreUnavailable as error:
            self._unavailable(error)
            return
        self.counts.checkpoints += 1
        self._journal.release(self.applied_seq)
