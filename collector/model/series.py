"""Points of one metric into a few series over time: increases, levels, distributions.

What is counted from the start of a stream (cumulative) is turned into what was added in each
bucket of time. The first value of a stream counts in full when the stream began inside the window
or after a reset; else counting begins at it, for how much of it is older is unknown.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Final

from collector.model.distribution import Distribution
from collector.model.metric import Series, SeriesPoint

MAX_SERIES: Final = 6
"""Series of their own; what is beyond goes into one more, "others"."""

OTHERS: Final = "others"
_DELTA, _CUMULATIVE = 1, 2
_DISTRIBUTIONS: Final = ("histogram", "exponential_histogram", "summary")


@dataclass(frozen=True, slots=True)
class Step:
    """One stream in one bucket, between two resets: a row of ``metric_steps.sql``.

    ``distributions`` are all points of a delta stream, the first and the last of another.
    """

    label: str
    stream: int
    run: int
    bucket: int
    temporality: int | None
    monotonic: bool | None
    start_ns: int | None
    first_value: float | None
    last_value: float | None
    total_value: float | None
    least_value: float | None
    most_value: float | None
    points: int
    distributions: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Grid:
    """The buckets of time: ``since_ns`` is the begin of bucket 0, each is ``width_ns`` long."""

    since_ns: int
    width_ns: int

    def time_ns(self, bucket: int) -> int:
        return self.since_ns + bucket * self.width_ns

    def rate_per_s(self, amount: float | None) -> float | None:
        return None if amount is None else amount / (self.width_ns / 1e9)


def build(steps: Sequence[Step], kind: str, grid: Grid) -> tuple[Series, ...]:
    """The series of a metric of type ``kind``, the one with the most points first."""
    seen: Counter[str] = Counter()
    for step in steps:
        seen[step.label] += step.points
    shown = [label for label, _ in seen.most_common(MAX_SERIES)]
    by_label: dict[str | None, list[Step]] = defaultdict(list)
    for step in steps:
        by_label[step.label if step.label in shown else None].append(step)
    made = [Series(label, _points(by_label[label], kind, grid)) for label in shown]
    if None in by_label:
        made.append(Series(OTHERS, _points(by_label[None], kind, grid), is_rest=True))
    return tuple(made)


def _points(steps: Iterable[Step], kind: str, grid: Grid) -> tuple[SeriesPoint, ...]:
    if kind in _DISTRIBUTIONS:
        found = _distributions(steps, kind, grid)
    elif kind == "sum":
        found = _sums(steps, grid)
    else:
        found = _levels(steps, grid)
    return tuple(found[bucket] for bucket in sorted(found))


def _levels(steps: Iterable[Step], grid: Grid) -> dict[int, SeriesPoint]:
    found: dict[int, SeriesPoint] = {}
    for bucket, group in _by_bucket(step for step in steps if step.last_value is not None).items():
        count = sum(step.points for step in group)
        found[bucket] = SeriesPoint(
            time_ns=grid.time_ns(bucket),
            last=sum(step.last_value or 0.0 for step in group) / len(group),
            average=sum(step.total_value or 0.0 for step in group) / count,
            least=min((s.least_value for s in group if s.least_value is not None), default=None),
            most=max((s.most_value for s in group if s.most_value is not None), default=None),
        )
    return found


def _sums(steps: Iterable[Step], grid: Grid) -> dict[int, SeriesPoint]:
    kept = [step for step in steps if step.last_value is not None]
    found: dict[int, SeriesPoint] = {}
    for bucket, group in _by_bucket(kept).items():
        falls = [s for s in group if s.temporality == _CUMULATIVE and not s.monotonic]
        level = sum(step.last_value or 0.0 for step in falls) if falls else None
        found[bucket] = SeriesPoint(grid.time_ns(bucket), last=level)
    added: dict[int, float] = defaultdict(float)
    for step, before in _with_previous(kept):
        amount = _increase(step, before, grid)
        if amount is not None:
            added[step.bucket] += amount
    for bucket, amount in added.items():
        point = replace(found[bucket], increase=amount, rate_per_s=grid.rate_per_s(amount))
        found[bucket] = point
    return found


def _increase(step: Step, before: Step | None, grid: Grid) -> float | None:
    """What a sum grew by within a step; None when that cannot be known."""
    if step.temporality != _CUMULATIVE:
        return step.total_value
    if not step.monotonic or step.last_value is None:
        return None
    if before is not None:
        return step.last_value - (before.last_value or 0.0)
    if _counts_in_full(step, grid):
        return step.last_value
    return step.last_value - (step.first_value or 0.0) if step.points > 1 else None


def _distributions(steps: Iterable[Step], kind: str, grid: Grid) -> dict[int, SeriesPoint]:
    added: dict[int, Distribution] = defaultdict(Distribution)
    for step, before in _with_previous(steps):
        points = [Distribution.of(row) for row in step.distributions]
        # A summary has no temporality on the wire: its count and sum are cumulative, unless the
        # store knows better of who sent it.
        if step.temporality != _CUMULATIVE and (kind != "summary" or step.temporality == _DELTA):
            for point in points:
                added[step.bucket].add(point)
        elif before is not None:
            earlier = Distribution.of(before.distributions[-1])
            added[step.bucket].add(points[-1].minus(earlier))
        elif _counts_in_full(step, grid):
            added[step.bucket].add(points[-1])
        elif step.points > 1 or points[-1].given:
            added[step.bucket].add(points[-1].minus(points[0]))
    return {bucket: _distribution_point(grid, bucket, made) for bucket, made in added.items()}


def _distribution_point(grid: Grid, bucket: int, made: Distribution) -> SeriesPoint:
    return SeriesPoint(
        time_ns=grid.time_ns(bucket),
        count=made.count,
        sum=made.sum,
        average=made.average,
        rate_per_s=grid.rate_per_s(made.count),
        least=made.least,
        most=made.most,
        p50=made.quantile(0.5),
        p95=made.quantile(0.95),
        p99=made.quantile(0.99),
    )


def _counts_in_full(first: Step, grid: Grid) -> bool:
    return first.run > 0 or (first.start_ns is not None and first.start_ns >= grid.since_ns)


def _with_previous(steps: Iterable[Step]) -> Iterator[tuple[Step, Step | None]]:
    """Each step and the one before it in its stream and run."""
    ordered = sorted(steps, key=lambda step: (step.stream, step.run, step.bucket))
    for before, step in pairwise([None, *ordered]):
        assert step is not None  # only the first of the pairs has a gap, on its left
        same = before is not None and (before.stream, before.run) == (step.stream, step.run)
        yield step, before if same else None


def _by_bucket(steps: Iterable[Step]) -> dict[int, list[Step]]:
    groups: dict[int, list[Step]] = defaultdict(list)
    for step in steps:
        groups[step.bucket].append(step)
    return groups
