"""Opens the DuckDB file and runs questions and writes on it; the connection is never handed out.

Readers have cursors and snapshots of their own, so none ever waits for the writer.
"""

import re
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

import duckdb
from duckdb import DuckDBPyConnection as Cursor

from collector.errors import QueryTimeout, StoreError, StoreLocked, StoreTooNew, StoreUnavailable
from collector.store import schema
from collector.store.instance import Instance

T = TypeVar("T")

# The writer starts checkpoints by hand, at a moment it knows; see writer.py.
_NEVER_BYTES: Final = 2**50


class Database:
    """The store's file, open for this process alone."""

    def __init__(self, path: Path, connect: Callable[[], Cursor], query_timeout_s: float) -> None:
        self.path = path
        self._instance = Instance(connect)
        self._query_timeout_s = query_timeout_s

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
        config = _config(path, memory_bytes, threads)

        def connect() -> Cursor:
            try:
                connection = duckdb.connect(str(path), config=config)
            except duckdb.Error as error:
                raise _explained(path, error) from error
            schema.prepare(connection, path)
            return connection

        database = Database(path, connect, query_timeout_s)
        database.checkpoint_bytes = checkpoint_bytes
        return database



    def read(self, question: Callable[[Cursor], T]) -> T:
        """Asks in a read-only snapshot of its own; interrupted after ``query_timeout_s``.

        Raises:
            QueryTimeout: it took too long.
        """
        with self._instance.lease() as cursor, _Deadline(cursor, self._query_timeout_s) as deadline:
            cursor.execute("begin transaction read only")
            try:
                return question(cursor)
            except duckdb.InterruptException as error:
                raise deadline.error() from error
            finally:
                cursor.execute("rollback")

    def write(self, work: Callable[[Cursor], T]) -> T:
        """Runs ``work`` in one transaction, durable on return; for the writer's thread only.

        Raises:
            StoreUnavailable: nothing was written; worth trying again later.
        """
        try:
            with self._instance.lease() as cursor:
                return _transaction(cursor, work)
        except (duckdb.FatalException, duckdb.IOException, duckdb.OutOfMemoryException) as error:
            raise StoreUnavailable(_first_line(error)) from error

    def checkpoint(self) -> None:
        """Moves DuckDB's log into the file; raises StoreUnavailable like :meth:`write`."""
        try:
            with self._instance.lease() as cursor:
                cursor.execute("checkpoint")
        except duckdb.Error as error:
            raise StoreUnavailable(_first_line(error)) from error

    def close(self) -> None:
        self._instance.close()


class _Deadline:
    """Interrupts a cursor when its time is over, and never after its question is answered."""

    def __init__(self, cursor: Cursor, timeout_s: float) -> None:
        self._cursor = cursor
        self._timeout_s = timeout_s
        self._lock = threading.Lock()
        self._over = False
        self._timer = threading.Timer(timeout_s, self._interrupt)
        self._timer.daemon = True

    def __enter__(self) -> "_Deadline":
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._over = True
        self._timer.cancel()

    def _interrupt(self) -> None:
        with self._lock:
            if not self._over:
                self._cursor.interrupt()

    def error(self) -> QueryTimeout:
        return QueryTimeout(
            f"the question took longer than {self._timeout_s:g} s: narrow its time range"
        )


def _config(path: Path, memory_bytes: int, threads: int) -> dict[str, Any]:
    """Nothing is loaded from or sent to anywhere, and no statement can change that."""
    return {
        "memory_limit": f"{memory_bytes}B",
        "threads": threads,
        "checkpoint_threshold": f"{_NEVER_BYTES}B",
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "allow_community_extensions": False,
        "enable_external_access": False,
        "python_enable_replacements": False,
        "temp_directory": f"{path}.tmp",
        "max_temp_directory_size": "2GiB",
        "lock_configuration": True,
    }


def _transaction(cursor: Cursor, work: Callable[[Cursor], T]) -> T:
    cursor.execute("begin")
    try:
        result = work(cursor)
        cursor.execute("commit")
        return result
    except duckdb.FatalException:
        raise
    except BaseException:
        _roll_back(cursor)
        raise


def _roll_back(cursor: Cursor) -> None:
    try:
        cursor.execute("rollback")
    except duckdb.TransactionException:
        pass  # a commit that fails has already ended the transaction


def _first_line(error: BaseException) -> str:
    return str(error).partition("\n")[0]


def _explained(path: Path, error: duckdb.Error) -> StoreError:
    text = str(error)
    if "lock on file" in text:
        pid = re.search(r"PID (\d+)", text)
        holder = f"process {pid[1]}" if pid else "another process"
        return StoreLocked(f"{path} is in use by {holder}: stop it, or give another file (--db)")
    if "version number" in text:
        return StoreTooNew(
            f"{path} was written by a newer DuckDB: upgrade Lockstitch ({_first_line(error)})"
        )
    if "ermission denied" in text or "ead-only" in text:
        return StoreError(
            f"{path} cannot be written: give this user write access to it and its directory"
        )
    return StoreError(f"{path} cannot be opened: {_first_line(error)}")
