"""Whether who takes telemetry is pressed: judged by one who derives, between its runs, for all."""

from typing import Final

# Who takes telemetry is pressed when it does not rest while nothing is derived, or leaves many rows
# to be stored. Between two runs it rests 30 to 65 % of the time at 40,000 spans/s, and at most 12 %
# at all it can take; beside a run 5 to 20 % either way.
_LITTLE_REST: Final = 0.18
_MANY_ROWS: Final = 30_000
# So many wait only where senders are held up; a checkpoint leaves 20,000 to 28,000 at that rate.
_TOO_MANY_ROWS: Final = 50_000
# Of this time between runs it is judged; who derives without a pause makes one after so long.
WINDOW_S: Final = 0.25
_UNJUDGED_S: Final = 2.0
# Who had little to take may be flooded next, which is judged after runs of so long: a run of full
# size meets a flood for 3 s.
_IDLE_REST: Final = 0.7
_SOON_S: Final = 0.3
_CALM_WINDOWS: Final = 3


class Load:
    """What one thread sees in its pauses; others go by it. Times are of one monotonic clock, s."""

    def __init__(self) -> None:
        self._seen: tuple[float, float] | None = None  # when a window began, and rest until then
        self._pressed_windows = 0
        # How long runs took since it was judged; at first nothing is known.
        self._unjudged_s = _UNJUDGED_S - _SOON_S

    @property
    def pressed(self) -> bool:
        """True when deriving has to give way."""
        return self._pressed_windows > 0

    @property
    def unjudged(self) -> bool:
        """True when runs have gone on so long that a pause is due."""
        return self._unjudged_s > _UNJUDGED_S

    def ran(self, took_s: float) -> None:
        """A run has ended somehow; the next window begins after it."""
        self._unjudged_s += took_s
        self.look_away()

    def look(self, now_s: float, *, rested_s: float, waiting_rows: int) -> None:
        """For who waits for its next run: judges once a window has passed since it began.

        ``rested_s``: how long there was nothing to take, in all; ``waiting_rows`` to store.
        """
        if self._seen is None:
            self._seen = (now_s, rested_s)
        began_s, before_s = self._seen
        if now_s < began_s + WINDOW_S:
            return
        self._seen = (now_s, rested_s)
        rest = (rested_s - before_s) / (now_s - began_s)
        self._unjudged_s = 0.0 if rest < _IDLE_REST else _UNJUDGED_S - _SOON_S
        if rest < _LITTLE_REST or waiting_rows > _MANY_ROWS:
            self._pressed_windows = _CALM_WINDOWS
        else:
            self._pressed_windows = max(0, self._pressed_windows - 1)

    def saw_waiting(self, most_rows: int) -> None:
        """The most rows that waited to be stored since the last look, whatever went on."""
        if most_rows > _TOO_MANY_ROWS:
            self._pressed_windows = _CALM_WINDOWS

    def look_away(self) -> None:
        """What goes on says nothing of the load: the window begins anew after it."""
        self._seen = None
