"""How much a run stitches and when the next is due: soon, but taking telemetry goes first."""

from typing import Final

# Records one run reads; a run that fails for want of memory or time is repeated with fewer. Half as
# many take 60 MiB less and are 8 % slower.
MAX_RECORDS: Final = 120_000
FEWEST_RECORDS: Final = 500
# A run costs some 30 ms whatever it stitches: 3 a second are enough for a page that is looked at.
_PAUSE_S: Final = 0.3
_ASKED_PAUSE_S: Final = 0.02
# While more rows than this come in a second, or wait to be stored, taking them goes first: runs are
# short and far apart. A run slows down who sends, so what comes is counted between runs, after what
# they held up is through; where runs follow each other, one in a while waits for that.
_BUSY_ROWS_A_S: Final = 50_000
_BUSY_ROWS: Final = 20_000
_BUSY_RECORDS: Final = 10_000
_BUSY_PAUSE: Final = 8.0
_LONGEST_PAUSE_S: Final = 5.0
_COUNT_EVERY_S: Final = 5.0
COUNT_AFTER_S: Final = 0.2
# A commit at full load holds what comes in 0.7 s: a shorter count often sees none.
_COUNT_FOR_S: Final = 1.2
_COUNTING_S: Final = 2 * COUNT_AFTER_S + _COUNT_FOR_S
# A run reads as many records as take about this long: what waits for it is no older.
_LONG_S: Final = 2.0
_SHORT_S: Final = 0.7


class Pace:
    """Learns from what came and how long runs took; times are of one monotonic clock, s."""

    def __init__(self) -> None:
        self.rows = 0  # committed since the start
        self.busy = False
        self.ran_at = 0.0
        self.more = False  # the last run left records for another
        self._took_s = 0.0
        self._max_records = MAX_RECORDS
        self._mark: tuple[float, int] | None = None  # when counting began, and rows by then
        self._counted_at = float("-inf")

    @property
    def records(self) -> int:
        """Most records the next run should read."""
        return min(self._max_records, _BUSY_RECORDS) if self.busy else self._max_records

    def took(self, seconds: float, *, more: bool) -> None:
        """A run ended; ``more``: not all there was fitted in."""
        self._took_s, self.more = seconds, more
        if seconds > _LONG_S:
            self._max_records = max(self._max_records // 2, FEWEST_RECORDS)
        elif seconds < _SHORT_S:
            self._max_records = min(2 * self._max_records, MAX_RECORDS)

    def failed(self) -> None:
        """A run came to nothing: the next is smaller."""
        self._max_records = max(self._max_records // 4, FEWEST_RECORDS)

    def rest(self) -> None:
        """A run ended: what comes is counted anew."""
        self._mark = None

    def count(self, now_s: float) -> None:
        """Learns how much comes while no run is going on."""
        if self._mark is None:
            if now_s >= self.ran_at + COUNT_AFTER_S:
                self._mark = (now_s, self.rows)
        elif (passed_s := now_s - self._mark[0]) >= _COUNT_FOR_S:
            self.busy = self.rows - self._mark[1] > _BUSY_ROWS_A_S * passed_s
            self._mark, self._counted_at = (now_s, self.rows), now_s

    def pause_s(self, now_s: float, *, waiting_rows: int, asked: bool) -> float:
        """Seconds from the end of the last run to the next."""
        if self.busy or waiting_rows > _BUSY_ROWS:
            return min(max(_COUNTING_S, _BUSY_PAUSE * self._took_s), _LONGEST_PAUSE_S)
        if asked:
            return _ASKED_PAUSE_S
        if self.more:
            return _COUNTING_S if now_s > self._counted_at + _COUNT_EVERY_S else 0.0
        return _PAUSE_S
