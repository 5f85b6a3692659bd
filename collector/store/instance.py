"""One DuckDB instance that heals: a fatal error closes it under its users and opens it again.

DuckDB invalidates a whole instance after a failed write of its log or a failed checkpoint; every
later statement on any cursor fails until the file is closed and opened anew. Here whoever meets
that error first does so, once, and everybody's next lease is on the new instance.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Final

import duckdb
from duckdb import DuckDBPyConnection as Cursor

from collector.errors import StoreError, StoreUnavailable

_IDLE_CURSORS: Final = 8
_DRAIN_S: Final = 30.0


class Instance:
    """Leases cursors; each is used by one thread at a time."""

    def __init__(self, connect: Callable[[], Cursor]) -> None:
        self._connect = connect
        self._changed = threading.Condition()
        self._connection: Cursor | None = connect()
        self._idle: list[Cursor] = []
        self._busy: set[Cursor] = set()
        self._draining = False
        self._closed = False

    @contextmanager
    def lease(self) -> Iterator[Cursor]:
        """A cursor of its own for the caller.

        Raises:
            StoreUnavailable: the instance broke and cannot be opened again yet.
        """
        cursor = self._take()
        broken = False
        try:
            yield cursor
        except (duckdb.FatalException, duckdb.InternalException):
            broken = True
            raise
        finally:
            self._give_back(cursor, broken)

    def close(self) -> None:
        """Waits for leases to end (interrupting them), then closes the file."""
        with self._changed:
            self._closed = True
            self._shut()

    def _take(self) -> Cursor:
        with self._changed:
            # While anybody still uses the old instance, opening the file gives just that one.
            self._changed.wait_for(lambda: not self._draining)
            if self._closed:
                raise StoreError("the database is closed")
            if self._connection is None:
                self._connection = self._reopened()
            cursor = self._idle.pop() if self._idle else self._connection.cursor()
            self._busy.add(cursor)
            return cursor

    def _reopened(self) -> Cursor:
        try:
            return self._connect()
        except (StoreError, duckdb.Error) as error:
            raise StoreUnavailable(f"the database cannot be opened again: {error}") from error

    def _give_back(self, cursor: Cursor, broken: bool) -> None:
        with self._changed:
            ours = cursor in self._busy
            self._busy.discard(cursor)
            self._changed.notify_all()
            if ours and broken:
                cursor.close()
                self._shut()
            elif ours and len(self._idle) < _IDLE_CURSORS and self._connection is not None:
                self._idle.append(cursor)
            else:
                cursor.close()

    def _shut(self) -> None:
        """Closes every cursor and the connection; the caller holds the lock."""
        connection, self._connection = self._connection, None
        if connection is None:
            return
        for cursor in self._busy:
            cursor.interrupt()
        self._draining = True
        self._changed.wait_for(lambda: not self._busy, timeout=_DRAIN_S)
        self._draining = False
        self._changed.notify_all()
        for cursor in (*self._idle, connection):
            with suppress(duckdb.Error):
                cursor.close()
        self._idle.clear()
