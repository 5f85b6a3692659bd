"""Sums figures of invocations into counts and percentiles: in numpy what health_by is in SQL.

A store keeps how many invocations add to a figure (the view figures_of names them all) in cells.
Any cells add up, so one reading of a window answers for each function, for all, and for each step.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from typing import Any, Final, Self

import numpy as np

from collector.model.figure_columns import (
    COLD,
    DURATION,
    INIT,
    MEMORY_MB,
    USED_MB,
    Arrays,
    Mask,
    Names,
    Numbers,
    groups,
)
from collector.model.health import Bucket, Counts, Quantiles

_INVOCATION, _FIRST, _THROTTLED = 1, 9, 11
# In the order of the fields of Counts.
_COUNTED: Final = (_INVOCATION, 2, 3, 4, COLD, 6, 7, 8, 10, _THROTTLED)
_QUANTILES: Final = ((DURATION, 50), (DURATION, 95), (DURATION, 99), (INIT, 50), (INIT, 95))
_BUCKET_LOG: Final = math.log(1.016)
_HOUR_NS: Final = 3600 * 10**9
_HOUR: Final = 60  # minutes
_NEVER: Final = np.iinfo(np.int64).max


@dataclass(slots=True)  # not frozen: there are hundreds, and those take three times as long to make
class Tally:
    """Cells of one kind added up; ``function``, ``version`` and ``at_minute`` None: of all.

    Of counts alone, quantiles and memory are None. Only versions tell when they were seen: in the
    others both minutes are 0.
    """

    function: str | None
    version: str | None
    at_minute: int | None
    counts: Counts
    quantiles: Quantiles
    memory_mb: int | None
    used_mb: int | None
    first_minute: int
    last_minute: int


@dataclass(frozen=True, slots=True)
class Cells:
    """Columns of equal length. ``function`` and ``version`` are places in ``names``.

    ``at_minute`` is when a step begins, in minutes; ``amount`` is how many invocations.
    """

    names: Sequence[str]
    function: Numbers
    version: Numbers
    now: Mask
    at_minute: Numbers
    figure: Numbers
    bucket: Numbers
    amount: Numbers
    first_minute: Numbers
    last_minute: Numbers

    @classmethod
    def of(cls, arrays: Arrays, names: Names, watched_since_ns: Mapping[str, int]) -> Self:
        """From cells of a store; of figure 9 the bucket is the hour.

        The first invocation seen of an environment is cold where its function was watched for an
        hour before its clock hour, else how it started is not known.
        """
        texts = names.texts
        watched = np.array(
            [watched_since_ns.get(name, _NEVER - _HOUR_NS) for name in texts], np.int64
        )
        figure = arrays["figure"].copy()
        first = np.flatnonzero(figure == _FIRST)
        hour_ns = arrays["bucket"][first] * _HOUR_NS
        figure[first[hour_ns >= watched[arrays["function"][first]] + _HOUR_NS]] = COLD
        return cls(texts, now=arrays["at_minute"] >= 0, **(arrays | {"figure": figure}))

    def where(self, kept: Mask) -> "Cells":
        """Those of the cells."""
        columns = (getattr(self, each.name) for each in fields(self)[1:])
        return Cells(self.names, *(column[kept] for column in columns))

    def tallies(self, *by: str, in_full: bool = False) -> list[Tally]:
        """One for each value of the columns ``by`` that had calls; of counts alone or all."""
        cells = self if in_full else self.where(self.figure < DURATION)
        return cells._tallies(by, in_full) if len(cells.amount) else []

    def function_steps(self) -> list[tuple[str, int, Counts]]:
        """Counts of each function and step of time, by the minute it begins in.

        There are thousands of them on a page, so they are no tallies.
        """
        kept = self.figure < DURATION
        function, at_minute = self.function[kept], self.at_minute[kept]
        if not len(function):
            return []
        group, example = groups([function, at_minute])
        counts = _counts(group, self.figure[kept], self.amount[kept], len(example))
        names = [self.names[each] for each in function[example].tolist()]
        rows = zip(names, at_minute[example].tolist(), counts, strict=True)
        return [(name, minute, Counts(*each)) for name, minute, each in rows if each[0] or each[-1]]

    def buckets(self, figure: int) -> tuple[Bucket, ...]:
        """How many invocations have a duration in each bucket of a figure, in order."""
        found = self.where(self.figure == figure)
        numbers, place = np.unique(found.bucket, return_inverse=True)
        amounts = np.zeros(len(numbers), np.int64)
        np.add.at(amounts, place, found.amount)
        return tuple(
            Bucket(bucket_middle_ns(number), amount)
            for number, amount in zip(numbers.tolist(), amounts.tolist(), strict=True)
        )

    def _tallies(self, by: Sequence[str], in_full: bool) -> list[Tally]:
        group, example = self._groups(by)
        count = len(example)
        counts = _counts(group, self.figure, self.amount, count)
        first, last = self._seen(group, count) if "version" in by else ([0] * count, [0] * count)
        of: dict[str, list[Any]] = {"function": [None] * count, "version": [None] * count,
                                    "at_minute": [None] * count}  # fmt: skip
        for name in by:
            values = getattr(self, name)[example].tolist()
            of[name] = values if name == "at_minute" else [self.names[each] for each in values]
        none: list[Any] = [None] * count
        quantiles, memory_mb, used_mb = [Quantiles()] * count, none, none
        if in_full:
            quantiles = self._quantiles(group, count)
            memory_mb, used_mb = (self._most(group, count, each) for each in (MEMORY_MB, USED_MB))
        rows = zip(
            of["function"], of["version"], of["at_minute"], counts, quantiles, memory_mb, used_mb,
            first, last, strict=True,
        )  # fmt: skip
        return [
            Tally(function, version, at_minute, Counts(*counted), *told)
            for function, version, at_minute, counted, *told in rows
            if counted[0] > 0 or counted[-1] > 0
        ]

    def _groups(self, by: Sequence[str]) -> tuple[Numbers, Numbers]:
        """The group of each cell, and of each group a cell."""
        columns = [getattr(self, name) for name in by]
        return groups(columns or [np.zeros(len(self.amount), np.int64)])

    def hours_seen(self, since: int, until: int) -> list[int]:
        """The hours in which a version was first or last seen, of those between two minutes.

        Within them the cells need not know the minute.
        """
        kept = self.now & (self.figure == _INVOCATION)
        if not kept.any():
            return []
        group, example = groups([self.version[kept]])
        first, last = self.where(kept)._seen(group, len(example))
        hours = {minute // _HOUR * _HOUR for minute in (*first, *last) if since <= minute < until}
        return sorted(hours)

    def with_seen(self, told: Iterable[tuple[str, int, int]], since: int, until: int) -> "Cells":
        """The same, the first and last minutes of versions between two minutes being as told."""
        first, last = self.first_minute.copy(), self.last_minute.copy()
        counted = self.now & (self.figure == _INVOCATION)
        between = counted & (first >= since) & (first < until)
        first[between], last[between] = _NEVER, 0
        for version, first_minute, last_minute in told:
            of = np.flatnonzero(counted & (self.version == self.names.index(version)))[:1]
            first[of] = np.minimum(first[of], first_minute)
            last[of] = np.maximum(last[of], last_minute)
        return replace(self, first_minute=first, last_minute=last)

    def _most(self, group: Numbers, count: int, figure: int) -> list[int | None]:
        """The greatest bucket of a figure in each group; None where there is none."""
        kept = self.figure == figure
        most = np.full(count, -1, np.int64)
        np.maximum.at(most, group[kept], self.bucket[kept])
        return [None if each < 0 else each for each in most.tolist()]

    def _seen(self, group: Numbers, count: int) -> tuple[list[int], list[int]]:
        """The first and the last minute of the invocations of each group."""
        kept = self.figure == _INVOCATION
        first = np.full(count, _NEVER, np.int64)
        last = np.zeros(count, np.int64)
        np.minimum.at(first, group[kept], self.first_minute[kept])
        np.maximum.at(last, group[kept], self.last_minute[kept])
        return first.tolist(), last.tolist()

    def _quantiles(self, group: Numbers, count: int) -> list[Quantiles]:
        ranked = {each: self._ranked(group, count, each) for each in (DURATION, INIT)}
        columns = [ranked[figure].percentile(percent) for figure, percent in _QUANTILES]
        return [Quantiles(*values) for values in zip(*columns, strict=True)]

    def _ranked(self, group: Numbers, count: int, figure: int) -> "_Ranked":
        kept = self.figure == figure
        of, buckets = group[kept], self.bucket[kept]
        order = np.lexsort((buckets, of))
        up_to = np.cumsum(self.amount[kept][order])
        ends = np.searchsorted(of[order], np.arange(count), side="right")
        before = np.concatenate((np.zeros(1, np.int64), up_to))[np.concatenate(([0], ends))]
        return _Ranked(buckets[order], up_to, before[:-1], np.diff(before))


@dataclass(frozen=True, slots=True)
class _Ranked:
    """Buckets in order within each group, groups one after the other.

    ``up_to``: how many lie in a bucket and all before it; ``before``: how many lie before a group.
    """

    buckets: Numbers
    up_to: Numbers
    before: Numbers
    total: Numbers

    def percentile(self, percent: int) -> list[float | None]:
        """Of each group, as DuckDB's quantile_cont has it; None where the group has none."""
        told = self.total > 0
        whole, rest = np.divmod(percent * (self.total[told] - 1), 100)
        place = self.before[told] + whole
        values = [
            low_ns + (high_ns - low_ns) * (part / 100)
            for low_ns, high_ns, part in zip(
                self._middles(place), self._middles(place + (rest > 0)), rest.tolist(), strict=True
            )
        ]
        each = iter(values)
        return [next(each) if known else None for known in told.tolist()]

    def _middles(self, place: Numbers) -> list[float]:
        found = self.buckets[np.searchsorted(self.up_to, place, side="right")]
        return [bucket_middle_ns(number) for number in found.tolist()]


def _counts(group: Numbers, figure: Numbers, amount: Numbers, count: int) -> list[list[int]]:
    """The fields of Counts of each group."""
    kept = figure < DURATION
    place = group[kept] * DURATION + figure[kept]
    # Doubles hold whole numbers up to 2^53.
    sums = np.bincount(place, amount[kept], count * DURATION).reshape(count, DURATION)
    counted: list[list[int]] = sums[:, _COUNTED].astype(np.int64).tolist()
    return counted


@lru_cache(maxsize=4096)
def bucket_middle_ns(number: int) -> float:
    """The duration a bucket stands for; bounds are powers of 1.016."""
    return math.exp((number - 0.5) * _BUCKET_LOG)


def bucket_least_ns(number: int) -> int:
    """No duration in a bucket, or in one after it, is less."""
    least_ns = math.exp((number - 1) * _BUCKET_LOG)
    # Logarithms are rounded; up to 1 µs all are in one bucket.
    return 0 if least_ns < 1_000 else math.floor(least_ns * (1 - 1e-9))
