"""Stores work whatever happens: tries again while the store is down, sets aside what cannot go in.

Two kinds of failure. The store takes nothing (disk full, I/O error): everything waits and is tried
again for ever, with one log line when it begins and one when it ends. Or DuckDB refuses these very
rows, which decode should make impossible: the work is halved until the export at fault stands
alone, its body goes to a file, and the rest is stored. Rows that break DuckDB's instance, and break
each one opened after it, are of the second kind: a full disk does that to checkpoints only.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, TypeVar

import duckdb
import structlog
from duckdb import DuckDBPyConnection as Cursor

from collector.batch import Signal
from collector.errors import StoreError, StoreUnavailable
from collector.model.timings import Timings
from collector.store.apply import Known, applied_seq, apply
from collector.store.database import OWN_TIMEOUT_S, Database
from collector.store.quarantine import Quarantine
from collector.store.work import Taken, Work

_BACKOFF_S: Final = (0.05, 0.2, 0.5, 1.0, 2.0)
# What stop() waits for a store that is down; the journal keeps what is left.
_LAST_TRY_S: Final = 5.0
# Readers may hold the memory for as long as a question may take: an export alone waits longer.
_MEMORY_TRIES: Final = 4
_LONE_MEMORY_TRIES: Final = 30
# Times that a work may break the database before it is taken to be the work's fault.
_FATAL_TRIES: Final = 4
_INVALIDATED: Final = "has been invalidated because of a previous fatal error"

T = TypeVar("T")

_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Counts:
    """What became of exports since the start; each is in exactly one of the three."""

    stored: Counter[Signal] = field(default_factory=Counter)
    duplicate: Counter[Signal] = field(default_factory=Counter)
    quarantined: Counter[Signal] = field(default_factory=Counter)


class GivenUpError(StoreError):
    """The writer has to stop; the journal has what is missing."""


def require_held(cursor: Cursor, reached: int) -> None:
    """DuckDB drops, without a word, what follows damage in its log when it opens a file again.

    Raises:
        GivenUpError: the store has not got what it had committed.
    """
    found = applied_seq(cursor)
    if found < reached:
        raise GivenUpError(
            f"the database has gone back from export {reached} to {found}, as after damage to its "
            "log: restart the collector, it stores the rest again from its journal"
        )


class RefusedError(StoreError):
    """Each attempt to store these very rows broke the database."""


def _broke_it(error: StoreUnavailable) -> bool:
    """Whether DuckDB failed fatally in this very work, not before it and not for another."""
    cause = error.__cause__
    return isinstance(cause, duckdb.FatalException) and _INVALIDATED not in str(cause)


class Applier:
    """Used by the writer's thread alone; the figures may be read by any.

    ``reached`` is the last export that is committed.
    """

    def __init__(self, database: Database, quarantine: Quarantine, window_ns: int) -> None:
        self.reached = database.read(applied_seq, OWN_TIMEOUT_S)
        self.records = Counts()
        self.exports = Counts()
        self.commits = 0
        self.commit_timings = Timings()
        self.failures = 0
        self.last_error: str | None = None
        self.stopping = threading.Event()
        self._database = database
        self._quarantine = quarantine
        self._window_ns = window_ns
        self._known = Known()

    def store(self, work: Work, up_to_seq: int) -> list[Work]:
        """Stores what is new and returns it, in as many parts as it took transactions.

        Raises:
            GivenUpError: the process is stopping and the store is down, or the store lost commits.
        """
        memory_tries = _MEMORY_TRIES if len(work.exports) > 1 else _LONE_MEMORY_TRIES
        try:
            return [self._insisting(lambda: self._once(work, up_to_seq), memory_tries)]
        except GivenUpError:
            raise
        except Exception as error:  # whatever it is, one export must not hold up all others
            if len(work.exports) > 1:
                first, second = work.halves()
                middle = first.exports[-1].export.seq
                return self.store(first, middle) + self.store(second, up_to_seq)
            refusal = error
        self._insisting(lambda: self._set_aside(work, refusal))
        return [self._insisting(lambda: self._once(Work([], {}), up_to_seq))]

    def forget_known(self) -> None:
        """To be called after interned rows were deleted."""
        self._known = Known()

    def failed(self, error: StoreUnavailable) -> None:
        """Counts a failure; the first of a row of them is logged."""
        self.failures += 1
        if self.last_error is None:
            _log.error(
                "the database takes nothing; what is answered is safe in the journal and is "
                "stored when it does again",
                reason=str(error),
            )
        self.last_error = str(error)

    def succeeded(self) -> None:
        if self.last_error is not None:
            _log.info("the database takes data again")
        self.last_error = None

    def _insisting(self, step: Callable[[], T], memory_tries: int = _LONE_MEMORY_TRIES) -> T:
        """Tries until the store is up; other errors go to the caller."""
        attempt, broke, give_up_at = 0, 0, float("inf")
        while True:
            try:
                return step()
            except StoreUnavailable as error:
                self.failed(error)
                broke += _broke_it(error)
                if broke == _FATAL_TRIES:
                    raise RefusedError(str(error)) from error
            except duckdb.OutOfMemoryException as error:
                if attempt >= memory_tries:
                    raise
                self.failed(StoreUnavailable(str(error)))
            if self.stopping.is_set():
                give_up_at = min(give_up_at, time.monotonic() + _LAST_TRY_S)
            if time.monotonic() > give_up_at:
                raise GivenUpError(f"the database takes nothing: {self.last_error}")
            time.sleep(_BACKOFF_S[min(attempt, len(_BACKOFF_S) - 1)])
            attempt += 1

    def _once(self, work: Work, up_to_seq: int) -> Work:
        begun_s = time.monotonic()
        new = self._database.write(lambda cursor: self._apply(cursor, work, up_to_seq))
        self.reached = max(self.reached, up_to_seq)
        self.commit_timings.took(time.monotonic() - begun_s)
        self.commits += 1
        self._known.learn(new.tables.items())
        self.succeeded()
        kept = {item.export.seq for item in new.exports}
        for item in work.exports:
            self._count("stored" if item.export.seq in kept else "duplicate", item)
        return new

    def _apply(self, cursor: Cursor, work: Work, up_to_seq: int) -> Work:
        require_held(cursor, self.reached)
        return apply(cursor, work, up_to_seq, self._window_ns, self._known)

    def _set_aside(self, work: Work, error: Exception) -> None:
        for item in work.exports:
            self._quarantine.set_aside(item.export, error)
            self._count("quarantined", item)

    def _count(self, what: str, item: Taken) -> None:
        getattr(self.records, what)[item.export.signal] += item.records
        getattr(self.exports, what)[item.export.signal] += 1
