"""How long a group of exports waits for more of them: each costs something however small it is."""

import time
from collections.abc import Callable
from typing import Final

# A group costs 2 ms of CPU and an fsync however small it is, so one smaller than what was in
# flight before waits once for the senders just answered to come again: 57 exports a group instead
# of 49 at 64 connections, and 14 % less CPU a request. A lone sender never waits.
_AGAIN_S: Final = 0.002
# Groups of who sends without waiting for others would be small and many. One that is much smaller
# than others of late begins no sooner after the last: where four connections bring 74 exports a
# second, there are 2.1 in one instead of 1.2, and a third less CPU an export.
_APART_S: Final = 0.025
_MUCH_SMALLER: Final = 0.75
_FORGET: Final = 0.97  # of the size of a large group with each that follows


class Gathering:
    """Used by the thread that takes exports; ``waiting`` says how many more there are now."""

    def __init__(
        self,
        waiting: Callable[[], int],
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._waiting = waiting
        self._clock = clock
        self._sleep = sleep
        self._in_flight = 0
        self._largest = 0.0
        self._began_at = -_APART_S

    def wait(self) -> float:
        """Waits, with one export at hand, while more may come soon.

        Gives how much of that was rest, s: who has too much to take is longer over each group.
        """
        if self._waiting() + 1 < self._in_flight:
            self._sleep(_AGAIN_S)
        since = now = self._clock()
        while now < self._began_at + _APART_S and self._is_small():
            self._sleep(_AGAIN_S)
            now = self._clock()
        self._began_at = now
        return now - since

    def took(self, exports: int) -> None:
        """A group of so many was answered."""
        self._in_flight = exports + self._waiting()
        self._largest = max(exports, self._largest * _FORGET)

    def _is_small(self) -> bool:
        return self._waiting() + 1 < _MUCH_SMALLER * self._largest
