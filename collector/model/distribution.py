"""Histograms of all three kinds: added, subtracted, and asked for quantiles.

Quantiles are estimates: values are taken to lie evenly within their bucket (evenly on the
logarithmic scale for exponential histograms), never beyond the least and most value sent.
"""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self


@dataclass(slots=True)
class Distribution:
    """Counts by bucket. ``buckets`` maps (low, high] bounds to how many values lie between."""

    count: float = 0.0
    sum: float | None = 0.0
    least: float | None = None
    most: float | None = None
    buckets: Counter[tuple[float, float]] = field(default_factory=Counter)
    given: dict[float, float] = field(default_factory=dict)
    exponential: bool = False

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """From the columns of a point (``distribution`` of ``metric_steps.sql``)."""
        given = dict(zip(row["quantiles"] or (), row["quantile_values"] or (), strict=False))
        made = cls(
            count=float(row["count"] or 0),
            sum=row["sum"],
            least=given.get(0.0) if row["min"] is None else row["min"],
            most=given.get(1.0) if row["max"] is None else row["max"],
            given=given,
        )
        if row["scale"] is not None:
            made.exponential = True
            made.buckets.update(dict(_exponential(row)))
        elif row["counts"]:
            made.buckets.update(dict(_explicit(row["bounds"] or [], row["counts"])))
        return made

    def add(self, other: "Distribution") -> None:
        """Adds another's values to these. Quantiles that were sent are kept of the latest."""
        self.count += other.count
        self.sum = None if self.sum is None or other.sum is None else self.sum + other.sum
        self.least = _known(min, self.least, other.least)
        self.most = _known(max, self.most, other.most)
        self.buckets.update(other.buckets)
        self.given = other.given or self.given
        self.exponential = self.exponential or other.exponential

    def minus(self, earlier: "Distribution") -> "Distribution":
        """What was added since ``earlier`` of the same cumulative stream.

        The least and most value of a cumulative stream are those since its start, so they say
        nothing about the difference and are left unknown.
        """
        total = None if self.sum is None or earlier.sum is None else self.sum - earlier.sum
        left = Counter(self.buckets)
        left.subtract(_refitted(earlier.buckets, self.buckets))
        return Distribution(
            count=max(0.0, self.count - earlier.count),
            sum=total,
            buckets=Counter({bounds: count for bounds, count in left.items() if count > 0}),
            given=self.given,
            exponential=self.exponential,
        )

    @property
    def average(self) -> float | None:
        return self.sum / self.count if self.count and self.sum is not None else None

    def quantile(self, share: float) -> float | None:
        """The value below which ``share`` (0..1) of the values lie; None when unknown.

        A quantile that was sent (summaries) is given as it is.
        """
        if share in self.given:
            return self.given[share]
        total = sum(self.buckets.values())
        if not total:
            return None
        rank, seen = share * total, 0.0
        for (low, high), count in sorted(self.buckets.items()):
            if count and seen + count >= rank:
                inside = max(0.0, rank - seen) / count
                return self._clamped(_within(low, high, inside, self.exponential))
            seen += count
        return self.most

    def _clamped(self, value: float) -> float:
        if self.least is not None:
            value = max(value, self.least)
        return value if self.most is None else min(value, self.most)


def _explicit(
    bounds: Sequence[float], counts: Sequence[int]
) -> Iterator[tuple[tuple[float, float], int]]:
    # Values of a metric whose first bound is above zero are taken not to be below it.
    edges = [0.0 if bounds and bounds[0] > 0 else -math.inf, *bounds, math.inf]
    for place, count in enumerate(counts[: len(edges) - 1]):
        if count:
            yield (edges[place], edges[place + 1]), count


def _exponential(row: Mapping[str, Any]) -> Iterator[tuple[tuple[float, float], int]]:
    """Bucket i of scale s holds (base**i, base**(i+1)] with base = 2**(2**-s)."""
    if row["zero_count"]:
        yield (0.0, 0.0), row["zero_count"]
    for sign, side in ((1, "positive"), (-1, "negative")):
        offset = row[f"{side}_offset"] or 0
        for place, count in enumerate(row[f"{side}_counts"] or ()):
            if count:
                low = sign * _edge(offset + place, row["scale"])
                high = sign * _edge(offset + place + 1, row["scale"])
                yield (min(low, high), max(low, high)), count


def _edge(index: int, scale: int) -> float:
    """2**(index * 2**-scale), without leaving the range of a double whatever was sent."""
    exponent = math.ldexp(index, max(-64, min(64, -scale)))
    return math.pow(2.0, max(-1074.0, min(1023.0, exponent)))


def _refitted(
    earlier: Counter[tuple[float, float]], later: Counter[tuple[float, float]]
) -> Counter[tuple[float, float]]:
    """Moves counts into the bounds that ``later`` uses: exponential histograms merge buckets."""
    moved: Counter[tuple[float, float]] = Counter()
    wider = sorted(later)
    for (low, high), count in earlier.items():
        if (low, high) in later:
            moved[low, high] += count
            continue
        home = next((b for b in wider if _holds(b, (low, high))), None)
        if home is not None:
            moved[home] += count
    return moved


def _holds(outer: tuple[float, float], inner: tuple[float, float]) -> bool:
    """Whether a bucket lies in another, give or take the rounding of their edges."""
    slack = 1e-9 * max(abs(inner[0]), abs(inner[1]))
    return outer[0] <= inner[0] + slack and inner[1] <= outer[1] + slack


def _within(low: float, high: float, share: float, even_logarithm: bool) -> float:
    """A value that far into a bucket; the finite end where the other is infinite."""
    if math.isinf(low) or math.isinf(high):
        return high if math.isinf(low) and not math.isinf(high) else low
    if even_logarithm and low * high > 0:
        return low * math.pow(high / low, share)
    return low + (high - low) * share


def _known(choose: Any, first: float | None, second: float | None) -> float | None:
    if first is None or second is None:
        return first if second is None else second
    return float(choose(first, second))
