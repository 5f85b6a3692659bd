"""Metrics as read back: what was received, and one of them over time."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MetricSummary:
    """One metric of the list. ``series_count``: distinct combinations of attributes."""

    name: str
    type: str
    unit: str | None
    description: str | None
    point_count: int
    series_count: int
    last_seen_ns: int


@dataclass(frozen=True, slots=True)
class SeriesPoint:
    """One series within one bucket of time; ``time_ns`` is the bucket's begin. None: unknown.

    gauge: ``last``, ``average``, ``least``, ``most``. sum: ``increase`` and ``rate_per_s`` (and
    ``last``, the level, where it may fall). histogram, exponential_histogram, summary: ``count``,
    ``sum``, ``average``, ``rate_per_s``, ``p50``, ``p95``, ``p99``.
    """

    time_ns: int
    last: float | None = None
    average: float | None = None
    least: float | None = None
    most: float | None = None
    increase: float | None = None
    rate_per_s: float | None = None
    count: float | None = None
    sum: float | None = None
    p50: float | None = None
    p95: float | None = None
    p99: float | None = None


@dataclass(frozen=True, slots=True)
class Series:
    """The points of one value of the attribute asked for, in order of time.

    ``label`` is that value, "" where it was not sent; ``is_rest`` marks the series that stands
    for all values beyond the most frequent ones.
    """

    label: str
    points: tuple[SeriesPoint, ...]
    is_rest: bool = False


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric over time. ``keys``: attributes it can be told apart by, fewest values first."""

    name: str
    type: str
    unit: str | None
    description: str | None
    temporality: str | None  # "delta", "cumulative"; None: its type has none
    monotonic: bool | None
    by: str | None
    keys: tuple[str, ...]
    width_ns: int
    series: tuple[Series, ...]
    label_count: int
    truncated: bool = False
