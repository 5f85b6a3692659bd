"""How much a run derives and when the next is due: soon, but taking telemetry goes first."""

from typing import Final

from collector.derive.load import Load

# Records one run reads; a run that fails for want of memory or time is repeated with fewer. Half as
# many again take 55 MiB more at full load and are 10 % faster.
MAX_RECORDS: Final = 80_000
FEWEST_RECORDS: Final = 500
# A run begins so long after the one before, or, where that took longer, after a short pause: what
# waits gets no older because a checkpoint made a run longer.
EVERY_S: Final = 0.4
_LEAST_PAUSE: Final = 1 / 8  # of that
# A run costs some 100 ms of CPU whatever it stitches. One that is hardly more leaves four fifths of
# the time to others: no page waits for it (who asks is answered at once), nor do rules of alerts.
_SMALL_S: Final = 0.25
_SMALL_PAUSE: Final = 4.0
_ASKED_PAUSE_S: Final = 0.02
# While who takes telemetry is pressed, runs are short and far apart.
_PRESSED_RECORDS: Final = 7_000
_PRESSED_PAUSE: Final = 8.0
_LONGEST_PAUSE_S: Final = 5.0
# Who never rests makes a pause until the load is judged, at most so long: checkpoints may go on.
_JUDGED_WITHIN_S: Final = 0.6
# A run reads as many records as take about this long: what waits for it is no older. While there is
# more than it can read, small runs would only do less: on a machine that others use, runs of 3,000
# records cost 91 us of CPU a span and runs of 120,000 some 16.
_LONG_S: Final = 1.0
_LONG_BEHIND_S: Final = 6.0


class Pace:
    """Learns from how long runs took, and goes by the load. Times are of one monotonic clock, s."""

    def __init__(
        self, load: Load, most_records: int = MAX_RECORDS, every_s: float = EVERY_S
    ) -> None:
        self.load = load
        self.ran_at = 0.0  # when the last run ended
        self._more = False  # the last run left records for another
        self._took_s = 0.0
        self._every_s = every_s
        self._most_records = self._max_records = most_records

    @property
    def records(self) -> int:
        """Most records the next run should read."""
        return min(self._max_records, _PRESSED_RECORDS) if self.load.pressed else self._max_records

    def took(self, seconds: float, *, more: bool) -> None:
        """A run ended; ``more``: not all there was fitted in."""
        self._took_s, self._more = seconds, more
        long_s = _LONG_BEHIND_S if more else _LONG_S
        if seconds > long_s:
            self._max_records = max(self._max_records // 2, FEWEST_RECORDS)
        elif seconds < 0.4 * long_s:
            self._max_records = min(2 * self._max_records, self._most_records)

    def failed(self) -> None:
        """A run came to nothing: the next is smaller."""
        self._max_records = max(self._max_records // 4, FEWEST_RECORDS)

    def pause_s(self, *, asked: bool) -> float:
        """Seconds from the end of the last run to the next."""
        pause_s = max(self._every_s * _LEAST_PAUSE, self._every_s - self._took_s)
        if self.load.pressed:
            return min(max(pause_s, _PRESSED_PAUSE * self._took_s), _LONGEST_PAUSE_S)
        if asked or self._more:
            pause_s = _ASKED_PAUSE_S if asked else 0.0
        elif self._took_s < _SMALL_S:
            pause_s = max(pause_s, _SMALL_PAUSE * self._took_s)
        return max(pause_s, _JUDGED_WITHIN_S) if self.load.unjudged else pause_s
