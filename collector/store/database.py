"""Runs questions and writes on the DuckDB file; the connection is never handed out.

Readers have cursors and snapshots of their own, so none ever waits for the writer.
"""

import os
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

import duckdb
from duckdb import DuckDBPyConnection as Cursor

from collector.errors import QueryTimeout, StoreBusy, StoreUnavailable
from collector.store import opening, twice
from collector.store.gate import Gate
from collector.store.instance import Instance

T = TypeVar("T")

# What says nothing about the rows that are written. An interrupt comes with another's fatal error,
# when the instance is closed under everybody.
_DOWN = (duckdb.FatalException, duckdb.IOException, duckdb.InterruptException)


# A task of DuckDB's makes at most three full row groups of several that are not.
_TIDY: Final = "set max_vacuum_tasks = 2"
_NO_TIDYING: Final = "set max_vacuum_tasks = 0"

# What the collector itself asks is no page's question: its answer is needed, late or not.
OWN_TIMEOUT_S: Final = 120.0


class Database:
    """The store's file, open for this process alone.

    ``checkpoint_bytes`` is the size of DuckDB's log at which the writer checkpoints.
    """

    def __init__(
        self, path: Path, instance: Instance, checkpoint_bytes: int, query_timeout_s: float
    ) -> None:
        self.path = path
        self.checkpoint_bytes = checkpoint_bytes
        self._log = opening.beside(path, ".wal")
        self._file: int | None = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        self._instance = instance
        self._query_timeout_s = query_timeout_s
        self._gate = Gate()  # DuckDB may refuse to checkpoint while others write

    @staticmethod
    def open(
        path: Path,
        *,
        memory_bytes: int,
        threads: int,
        checkpoint_bytes: int,
        query_timeout_s: float,
    ) -> "Database":
        """Opens or creates the file and brings its schema up to this build.

        Raises:
            StoreTooNew, StoreLocked, StoreError: each says what to do.
        """
        instance = Instance(partial(opening.connect, path, memory_bytes, threads))
        return Database(path, instance, checkpoint_bytes, query_timeout_s)

    @property
    def log_bytes(self) -> int:
        """Size of what is committed but not yet checkpointed."""
        try:
            return self._log.stat().st_size
        except FileNotFoundError:
            return 0

    @property
    def deriving(self) -> bool:
        """True while a checkpoint would have to wait for somebody who derives."""
        return not self._gate.empty

    def beside(self, suffix: str) -> Path:
        """The path of a companion of the file."""
        return opening.beside(self.path, suffix)

    def read(self, question: Callable[[Cursor], T], timeout_s: float | None = None) -> T:
        """Asks in a read-only snapshot of its own; interrupted after ``query_timeout_s``.

        ``timeout_s`` is for those who need more time than people have.

        Raises:
            QueryTimeout: it took too long.
            StoreUnavailable: the database failed under it; asking again may succeed.
        """
        try:
            with self._instance.lease() as cursor:
                return _snapshot(cursor, question, timeout_s or self._query_timeout_s)
        except (duckdb.FatalException, duckdb.InterruptException) as error:
            raise StoreUnavailable(opening.first_line(error)) from error

    def write(self, work: Callable[[Cursor], T]) -> T:
        """Runs ``work`` in one transaction, durable on return; for the writer's thread only.

        Raises:
            StoreUnavailable: nothing was written; worth trying again later.
            duckdb.Error: this very work cannot be written, or not in so little memory.
        """
        try:
            with self._instance.lease() as cursor:
                return _transaction(cursor, work)
        except _DOWN as error:
            raise StoreUnavailable(opening.first_line(error)) from error

    def derive(self, work: Callable[[Cursor], T]) -> T:
        """As :meth:`write`, for what is derived from the records; waits while a checkpoint runs.

        The writer's own transactions do not wait for it, nor it for them or for others that
        derive: they share no table.
        """
        with self._gate.together():
            return self.write(work)

    def checkpoint(self, *, tidy: bool = False) -> None:
        """Moves DuckDB's log into the file.

        Rows that came since the last checkpoint lie in row groups of their own. ``tidy``: some of
        those are merged, of each table 740,000 rows at most.

        Raises:
            StoreBusy: somebody still reads what was there before a row was updated; soon it works.
            StoreUnavailable: it stays in the log; worth trying again later.
        """
        try:
            with self._gate.alone(), self._instance.lease() as cursor:
                assert self._file is not None  # as long as there are cursors
                twice.keep(cursor, self._file, self.beside(twice.SUFFIX))
                cursor.execute(_TIDY if tidy else _NO_TIDYING)
                cursor.execute("checkpoint")
        except duckdb.TransactionException as error:
            raise StoreBusy(opening.first_line(error)) from error
        except (duckdb.Error, OSError) as error:
            raise StoreUnavailable(opening.first_line(error)) from error

    def close(self) -> None:
        """Interrupts questions that still run and closes the file."""
        self._instance.close()
        if self._file is not None:
            os.close(self._file)
            self._file = None


_AGAIN_S: Final = 0.02


class _Deadline:
    """Interrupts a cursor when its time is over, and never after its question is answered.

    An interrupt between two statements of a question is lost, so it is repeated until one hits.
    """

    def __init__(self, cursor: Cursor, timeout_s: float) -> None:
        self._cursor = cursor
        self._timeout_s = timeout_s
        self._lock = threading.Lock()
        self._answered = False
        self.passed = False

    def __enter__(self) -> "_Deadline":
        self._wait(self._timeout_s)
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._answered = True
        self._timer.cancel()

    def _interrupt(self) -> None:
        with self._lock:
            if not self._answered:
                self.passed = True
                self._cursor.interrupt()
                self._wait(_AGAIN_S)

    def _wait(self, seconds: float) -> None:
        self._timer = threading.Timer(seconds, self._interrupt)
        self._timer.daemon = True
        self._timer.start()


def _snapshot(cursor: Cursor, question: Callable[[Cursor], T], timeout_s: float) -> T:
    cursor.execute("begin transaction read only")
    deadline = _Deadline(cursor, timeout_s)
    try:
        with deadline:
            return question(cursor)
    except duckdb.InterruptException as error:
        if not deadline.passed:  # the instance is being closed
            raise
        raise QueryTimeout(
            f"the question took longer than {timeout_s:g} s: narrow its time range"
        ) from error
    finally:
        _roll_back(cursor)


def _transaction(cursor: Cursor, work: Callable[[Cursor], T]) -> T:
    cursor.execute("begin")
    try:
        result = work(cursor)
    except BaseException:
        _roll_back(cursor)
        raise
    _commit(cursor)
    return result


def _commit(cursor: Cursor) -> None:
    """Rows are checked as they are inserted, so a commit fails because of the disk.

    A full one comes as a TransactionException, "Failed to commit: Could not write file ...".
    """
    try:
        cursor.execute("commit")
    except duckdb.FatalException:
        raise
    except duckdb.Error as error:
        _roll_back(cursor)
        raise StoreUnavailable(opening.first_line(error)) from error


def _roll_back(cursor: Cursor) -> None:
    """A failed commit has ended its transaction, a fatal error all of them; then this fails too."""
    with suppress(duckdb.Error):
        cursor.execute("rollback")
