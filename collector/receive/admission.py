"""Bytes in flight: what was taken from senders and is not yet in DuckDB keeps within a limit.

A request reserves its bytes before they are read and before they are inflated; they are given
back when its records are applied, or when it is refused. Beyond the limit senders are told to try
again later, so that twice the load the store can take costs them time and us no memory.
"""

import asyncio
import threading
import time
from collections.abc import Callable
from typing import Final

from collector.errors import Overloaded

# What a request costs beside its bytes (connection, task, queue entry, Arrow rows of its own):
# keeps a flood of tiny ones bounded too.
_OVERHEAD_BYTES: Final = 4096


# How long a request waits for room before it is told to come again. A checkpoint holds the writer
# up for 0.7 to 1.5 s; a sender that waits costs a connection, one that comes again its backoff.
_PATIENCE_S: Final = 1.5
_LOOK_S: Final = 0.02


class Budget:
    """The bytes in flight of the whole process; thread-safe."""

    def __init__(self, limit_bytes: int) -> None:
        self.limit_bytes = limit_bytes
        self.in_flight_bytes = 0
        self.excess_bytes = 0  # the part of it that rows take beyond the bytes they came as
        self._lock = threading.Lock()

    def admit(self, nbytes: int) -> "Admission":
        """Reserves ``nbytes`` for one request.

        Raises:
            Overloaded: there is no room now.
        """
        self.move(nbytes + _OVERHEAD_BYTES, held=0)
        return Admission(self, nbytes)

    async def admit_soon(self, nbytes: int) -> "Admission":
        """Reserves ``nbytes`` at once or, while there is no room, within 1.5 s.

        Nothing of the request is read meanwhile, so those who wait hold no memory.

        Raises:
            Overloaded: there still is no room.
        """
        last_look_s = time.monotonic() + _PATIENCE_S
        while True:
            try:
                return self.admit(nbytes)
            except Overloaded:
                if time.monotonic() > last_look_s:
                    raise
                await asyncio.sleep(_LOOK_S)

    def wait(self, nbytes: int, given_up: Callable[[], bool] = lambda: False) -> "Admission":
        """Reserves ``nbytes`` as soon as there is room; for the replay at start, which may block.

        Polls: nobody else sends at that time, and the hot path stays free of a condition.

        Raises:
            Overloaded: there was no room until it was given up.
        """
        while True:
            try:
                return self.admit(nbytes)
            except Overloaded:
                if given_up():
                    raise
                time.sleep(0.005)

    def cover(self, nbytes: int) -> None:
        """Counts rows that are in memory whether there is room or not; below zero gives back."""
        with self._lock:
            self.in_flight_bytes += nbytes
            self.excess_bytes += nbytes

    def move(self, nbytes: int, *, held: int) -> None:
        """Adds ``nbytes`` (below zero gives back) for a request that holds ``held`` of them.

        A request alone in flight always has room: the request limit bounds it, and refusing it
        for ever would help nobody.
        """
        with self._lock:
            total = self.in_flight_bytes + nbytes
            if nbytes > 0 and total > self.limit_bytes and self.in_flight_bytes > held:
                raise Overloaded(
                    f"{self.in_flight_bytes} bytes are taken and not yet stored: send again later"
                )
            self.in_flight_bytes = total


class Admission:
    """What one request has reserved: ``nbytes`` and a constant; thread-safe.

    A request may be given up while a thread still inflates it, so what is released stays so.
    """

    __slots__ = ("_budget", "_covered", "_lock", "_released", "nbytes")

    def __init__(self, budget: Budget, nbytes: int) -> None:
        self._budget = budget
        self._lock = threading.Lock()
        self._released = False
        self._covered = 0
        self.nbytes = nbytes

    def resize(self, nbytes: int) -> None:
        """Reserves ``nbytes`` in place of what was; raises Overloaded (and keeps that) if full."""
        with self._lock:
            if self._released:
                raise Overloaded("the sender has gone: send it again")
            self._budget.move(nbytes - self.nbytes, held=self.nbytes + _OVERHEAD_BYTES)
            self.nbytes = nbytes

    def grow(self, nbytes: int) -> None:
        """Reserves ``nbytes`` more."""
        self.resize(self.nbytes + nbytes)

    def part(self, nbytes: int) -> "Admission":
        """An admission for ``nbytes`` of this request that takes over what this one holds.

        What goes beyond is reserved as for any request.

        Raises:
            Overloaded: there is no room for that now.
        """
        with self._lock:
            if self._released:
                raise Overloaded("the sender has gone: send it again")
            taken = min(nbytes, self.nbytes)
            held = self.nbytes + _OVERHEAD_BYTES
            self._budget.move(nbytes - taken + _OVERHEAD_BYTES, held=held)
            self.nbytes -= taken
            return Admission(self._budget, nbytes)

    async def part_soon(self, nbytes: int, patience_s: float) -> "Admission":
        """As :meth:`part`, but waits while there is no room.

        Raises:
            Overloaded: there still is none after ``patience_s``.
        """
        last_look_s = time.monotonic() + patience_s
        while True:
            try:
                return self.part(nbytes)
            except Overloaded:
                if time.monotonic() > last_look_s:
                    raise
                await asyncio.sleep(_LOOK_S)

    def cover(self, nbytes: int) -> None:
        """Holds ``nbytes`` more whether there is room or not: they are in memory already."""
        with self._lock:
            if not self._released:
                self._budget.cover(nbytes)
                self._covered += nbytes

    def release(self) -> None:
        """Gives everything back; a second call does nothing."""
        with self._lock:
            if not self._released:
                self._released = True
                self._budget.cover(-self._covered)
                self._budget.move(-self.nbytes - _OVERHEAD_BYTES, held=0)
