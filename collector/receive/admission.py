"""Bytes in flight: what was taken from senders and is not yet in DuckDB never exceeds a limit.

A request reserves its bytes before they are read and before they are inflated; they are given
back when its records are applied, or when it is refused. Beyond the limit senders are told to try
again later, so that twice the load the store can take costs them time and us no memory.
"""

import threading
import time
from typing import Final

from collector.errors import Overloaded

# What an export costs beside its body (future, queue entry, Arrow row): keeps a flood of tiny
# requests bounded too.
_OVERHEAD_BYTES: Final = 1024


class Budget:
    """The bytes in flight of the whole process; thread-safe."""

    def __init__(self, limit_bytes: int) -> None:
        self.limit_bytes = limit_bytes
        self.in_flight_bytes = 0
        self._lock = threading.Lock()

    def admit(self, nbytes: int) -> "Admission":
        """Reserves ``nbytes`` for one request.

        Raises:
            Overloaded: there is no room now.
        """
        admission = Admission(self)
        admission.grow(nbytes + _OVERHEAD_BYTES)
        return admission

    def wait(self, nbytes: int) -> "Admission":
        """Reserves ``nbytes`` as soon as there is room; for the replay at start, which may block.

        Polls: nobody else sends at that time, and the hot path stays free of a condition.
        """
        while True:
            try:
                return self.admit(nbytes)
            except Overloaded:
                time.sleep(0.005)

    def move(self, nbytes: int, held: int) -> None:
        """Adds ``nbytes`` (less than zero gives back) for a request that holds ``held``.

        A request alone in flight always has room: its size is bounded by the request limit, and
        refusing it for ever would help nobody.
        """
        with self._lock:
            total = self.in_flight_bytes + nbytes
            if nbytes > 0 and total > self.limit_bytes and self.in_flight_bytes > held:
                raise Overloaded(
                    f"{self.in_flight_bytes} bytes are taken and not yet stored: send again later"
                )
            self.in_flight_bytes = total


class Admission:
    """What one request has reserved; owned by one thread at a time."""

    __slots__ = ("_budget", "nbytes")

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self.nbytes = 0

    def grow(self, nbytes: int) -> None:
        """Reserves ``nbytes`` more; raises Overloaded (and reserves nothing) without room."""
        self._budget.move(nbytes, self.nbytes)
        self.nbytes += nbytes

    def shrink(self, nbytes: int) -> None:
        """Gives ``nbytes`` back."""
        self._budget.move(-nbytes, self.nbytes)
        self.nbytes -= nbytes

    def release(self) -> None:
        """Gives everything back; a second call does nothing."""
        nbytes, self.nbytes = self.nbytes, 0
        if nbytes:
            self._budget.move(-nbytes, nbytes)
