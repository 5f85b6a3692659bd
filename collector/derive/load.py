"""Whether who takes telemetry is pressed: judged while nothing is derived, for all who derive."""

import threading
from typing import Final

# Who takes telemetry is pressed when it does not rest while nothing is derived, or leaves many rows
# to be stored. Between two runs it rests 30 to 65 % of the time at 40,000 spans/s, and at most 12 % at
# all it can take; beside a run 5 to 20 % either way.
_LITTLE_REST: Final = 0.18
_MANY_ROWS: Final = 30_000
# Of this time between runs it is judged; who derives without a pause makes one after so long.
WINDOW_S: Final = 0.25
_UNJUDGED_S: Final = 2.0
_CALM_WINDOWS: Final = 3


class Load:
    """Shared by the threads that derive. Times are of one monotonic clock, s."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running = 0
        self._seen: tuple[float, float] | None = None  # when a window began, and rest until then
        self._pressed_windows = 0
        self._unjudged_s = 0.0  # how long runs took since it was judged

    @property
    def pressed(self) -> bool:
        """True when deriving has to give way."""
        return self._pressed_windows > 0

    @property
    def unjudged(self) -> bool:
        """True when runs have gone on so long that a pause is due."""
        return self._unjudged_s > _UNJUDGED_S

    def began(self) -> None:
        """A run goes on: what is seen beside it says nothing."""
        with self._lock:
            self._running += 1
            self._seen = None

    def ended(self, took_s: float) -> None:
        """A run that :meth:`began` has ended somehow; the next window begins after it."""
        with self._lock:
            self._running -= 1
            self._unjudged_s += took_s
            self._seen = None

    def look(self, now_s: float, *, rested_s: float, waiting_rows: int) -> None:
        """For who waits for its next run: judges once a window has passed since it began.

        ``rested_s``: how long there was nothing to take, in all; ``waiting_rows`` to store.
        """
        with self._lock:
            if self._running:
                return
            if self._seen is None:
                self._seen = (now_s, rested_s)
            began_s, before_s = self._seen
            if now_s < began_s + WINDOW_S:
                return
            self._seen = (now_s, rested_s)
            self._unjudged_s = 0.0
            rest = (rested_s - before_s) / (now_s - began_s)
            if rest < _LITTLE_REST or waiting_rows > _MANY_ROWS:
                self._pressed_windows = _CALM_WINDOWS
            else:
                self._pressed_windows = max(0, self._pressed_windows - 1)

    def look_away(self) -> None:
        """What goes on says nothing of the load: the window begins anew after it."""
        with self._lock:
            self._seen = None
