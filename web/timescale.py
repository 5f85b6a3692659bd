"""A time axis in per cent, even or with its idle stretches shortened.

Two days in a dead-letter queue would make everything else a dot: shortened, such a stretch takes a
fixed small part of the width, and the axis says where.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

_TICKS: Final = 4
_BREAK: Final = 8.0  # per cent of the width for a shortened stretch: its length is written in it
_WORTH: Final = 0.15  # of the whole: a shorter stretch stays as it is


@dataclass(frozen=True, slots=True)
class Scale:
    """``times_ns`` beside ``places``, both rising: between two of them the scale is even."""

    times_ns: Sequence[int]
    places: Sequence[float]
    breaks: Sequence[tuple[float, float, int]] = ()

    @property
    def start_ns(self) -> int:
        return self.times_ns[0]

    @property
    def end_ns(self) -> int:
        return self.times_ns[-1]

    @property
    def duration_ns(self) -> int:
        return self.end_ns - self.start_ns

    def at(self, time_ns: int) -> float:
        """Per cent of the width; what lies outside is put at the edge."""
        times_ns, places = self.times_ns, self.places
        if time_ns <= times_ns[0]:
            return places[0]
        if time_ns >= times_ns[-1]:
            return places[-1]
        after = bisect_right(times_ns, time_ns)
        before_ns, before = times_ns[after - 1], places[after - 1]
        share = (time_ns - before_ns) / (times_ns[after] - before_ns)
        return round(before + share * (places[after] - before), 3)

    def shows(self, start_ns: int, end_ns: int) -> bool:
        """True where some of this stretch, or this moment, is on the axis."""
        if start_ns == end_ns:
            return self.start_ns <= start_ns <= self.end_ns
        return start_ns < self.end_ns and end_ns > self.start_ns

    def ticks(self) -> list[tuple[float, int]]:
        """(per cent, ns since the start) at each quarter of the width but the last."""
        return [(100 * i / _TICKS, self._when(100 * i / _TICKS)) for i in range(_TICKS)]

    def _when(self, place: float) -> int:
        after = min(max(1, bisect_right(self.places, place)), len(self.places) - 1)
        before, until = self.places[after - 1 : after + 1]
        before_ns, until_ns = self.times_ns[after - 1 : after + 1]
        share = (place - before) / (until - before) if until > before else 0.0
        return before_ns - self.start_ns + round(share * (until_ns - before_ns))


def even(start_ns: int, end_ns: int) -> Scale:
    """Equal times take equal widths."""
    return Scale((start_ns, max(end_ns, start_ns + 1)), (0.0, 100.0))


def shortened(start_ns: int, end_ns: int, busy: Iterable[tuple[int, int]]) -> Scale:
    """What lies between ``busy`` stretches takes little room where it is long."""
    end_ns = max(end_ns, start_ns + 1)
    gaps = _gaps(start_ns, end_ns, busy)
    rest_ns = end_ns - start_ns - sum(until - since for since, until in gaps)
    width = min(_BREAK, 60 / max(1, len(gaps)))
    per_ns = (100 - width * len(gaps)) / max(1, rest_ns)
    times, places, breaks = [start_ns], [0.0], []
    for since, until in gaps:
        if since > times[-1]:
            places.append(places[-1] + (since - times[-1]) * per_ns)
            times.append(since)
        breaks.append((round(places[-1], 3), round(width, 3), until - since))
        places.append(places[-1] + width)
        times.append(until)
    if end_ns > times[-1]:
        times.append(end_ns)
        places.append(100.0)
    return Scale(times, places, breaks)


def _gaps(start_ns: int, end_ns: int, busy: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    least_ns = (end_ns - start_ns) * _WORTH
    gaps, reached = [], start_ns
    for since, until in sorted(busy):
        if since - reached > least_ns:
            gaps.append((reached, since))
        reached = max(reached, until)
    return gaps
