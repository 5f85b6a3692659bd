"""What invocations tell of functions: their figures, where they ran, how many went on at a time."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from duckdb import DuckDBPyConnection as Cursor

from collector.model.figures import Cells, Tally
from collector.model.health import Counts, HealthPoint, Quantiles, VersionHealth
from collector.model.overlaps import most_at_a_time
from collector.model.window import Window
from collector.store.queries.figure_cells import Cut, Read, read_cells
from collector.store.queries.registry import QUERIES
from collector.store.queries.steps import MINUTE_NS


@dataclass(frozen=True, slots=True)
class Sight:
    """Where a function's newest invocations ran, and when the first stored one began."""

    provider: str | None
    platform: str | None
    region: str | None
    account_id: str | None
    memory_mb: int | None
    watched_since_ns: int


@dataclass(frozen=True, slots=True)
class Told:
    """What the invocations of one function, or of all, tell; None is not told."""

    counts: Counts = field(default_factory=Counts)
    quantiles: Quantiles = field(default_factory=Quantiles)
    memory_mb: int | None = None
    used_mb: int | None = None
    provider: str | None = None
    platform: str | None = None
    region: str | None = None
    account_id: str | None = None


@dataclass(frozen=True, slots=True)
class Figures:
    """What invocations tell in a window (``now``) and in the one before it.

    ``in_full``: of one function; else steps of time have counts alone.
    """

    now: Cells
    earlier: Cells
    sights: Mapping[str, Sight]
    in_full: bool
    read: Read

    def by_function(self) -> dict[str, Told]:
        """What is told of each function in the window."""
        return self._told(self.now)

    def by_function_before(self) -> dict[str, Told]:
        """The same of the window before; of lists, counts alone."""
        return self._told(self.earlier)

    def of_all(self) -> Told:
        """What is told of all functions together in the window."""
        found = self.now.tallies(in_full=True)
        return Told(found[0].counts, found[0].quantiles) if found else Told()

    def points(self) -> list[HealthPoint]:
        """All functions together over time; with quantiles and memory where those were read."""
        return [_point(each) for each in self.now.tallies("at_minute", in_full=self.in_full)]

    def function_points(self) -> dict[tuple[str, int], HealthPoint]:
        """Counts by function and step of time."""
        times = ((name, at * MINUTE_NS, counts) for name, at, counts in self.now.function_steps())
        return {
            (name, time_ns): HealthPoint(
                time_ns, counts, throttle_count=counts.throttled_count or None
            )
            for name, time_ns, counts in times
        }

    def versions(self, limit: int) -> list[VersionHealth]:
        """The versions that were read, the oldest first."""
        tallies = self.now.tallies("version", in_full=True)
        found = [each for each in tallies if each.counts.invocation_count]
        found.sort(key=lambda each: (each.first_minute, each.version or ""))
        return [_version(each) for each in found[:limit]]

    def _told(self, cells: Cells) -> dict[str, Told]:
        found = cells.tallies("function", in_full=True)
        return {each.function or "": _told(each, self.sights) for each in found}


def read_figures(
    cursor: Cursor,
    window: Window,
    cut: Cut,
    function: str | None = None,
    *,
    sights: Mapping[str, Sight] | None = None,
) -> Figures:
    """The figures of each function, or of one; of the first 1000 by name.

    ``sights``: what :func:`function_sights` told of the same, which no window changes.
    """
    if sights is None:
        sights = function_sights(cursor, function=function)
    watched = {name: sight.watched_since_ns for name, sight in sights.items()}
    read = read_cells(cursor, window, cut, function, watched)
    cells, in_full = read.cells, function is not None
    return Figures(cells.where(cells.now), cells.where(~cells.now), sights, in_full, read)


def _point(tally: Tally) -> HealthPoint:
    return HealthPoint(
        time_ns=(tally.at_minute or 0) * MINUTE_NS,
        counts=tally.counts,
        quantiles=tally.quantiles,
        throttle_count=tally.counts.throttled_count or None,
        memory_mb=tally.memory_mb,
        max_memory_used_mb=tally.used_mb,
    )


def _version(tally: Tally) -> VersionHealth:
    return VersionHealth(
        version=tally.version or None,
        first_seen_ns=tally.first_minute * MINUTE_NS,
        last_seen_ns=tally.last_minute * MINUTE_NS,
        counts=tally.counts,
        quantiles=tally.quantiles,
    )


def _told(tally: Tally, sights: Mapping[str, Sight]) -> Told:
    sight = sights.get(tally.function or "")
    told = Told(tally.counts, tally.quantiles, tally.memory_mb, tally.used_mb)
    if sight is None:
        return told
    return Told(
        tally.counts,
        tally.quantiles,
        memory_mb=sight.memory_mb if tally.memory_mb is None else tally.memory_mb,
        used_mb=tally.used_mb,
        provider=sight.provider,
        platform=sight.platform,
        region=sight.region,
        account_id=sight.account_id,
    )


@QUERIES.question
def function_sights(cursor: Cursor, *, function: str | None) -> dict[str, Sight]:
    """By function: where it was seen, and since when."""
    rows = QUERIES.rows(cursor, "function_sights", function=function)
    return {name: Sight(*told) for name, *told in rows}


@QUERIES.question
def function_overlaps(
    cursor: Cursor, *, since_ns: int, until_ns: int, function: str | None
) -> dict[str, int]:
    """By function: the most of its invocations that went on at a time."""
    columns = QUERIES.columns(
        cursor, "function_overlaps", since_ns=since_ns, until_ns=until_ns, function=function
    )
    return most_at_a_time(columns)


@QUERIES.question
def function_retries(
    cursor: Cursor, *, since_ns: int, until_ns: int, function: str | None
) -> dict[str, tuple[int, int]]:
    """By function: retries and duplicates in the event traces it has a part in, where any."""
    rows = QUERIES.rows(
        cursor, "function_retries", since_ns=since_ns, until_ns=until_ns, function=function
    )
    return {name: (retries, duplicates) for name, retries, duplicates in rows}


@QUERIES.question
def function_counts(
    cursor: Cursor,
    *,
    since_ns: int,
    until_ns: int,
    step_ns: int,
    each_function: bool,
    limit: int,
) -> list[tuple[str | None, int, Counts]]:
    """By function (None: all together) and step of time, counts alone: they are quick to read."""
    rows = QUERIES.records(
        cursor,
        "function_counts",
        since_ns=since_ns,
        until_ns=until_ns,
        step_ns=step_ns,
        each_function=each_function,
        limit=limit,
    )
    return [(row["function"], row["time_ns"], _counts(row)) for row in rows]


@QUERIES.question
def function_steps(
    cursor: Cursor,
    *,
    since_ns: int,
    until_ns: int,
    step_ns: int,
    function: str | None,
    limit: int,
) -> list[tuple[str, HealthPoint]]:
    """Each function, or one, over time."""
    rows = QUERIES.records(
        cursor,
        "function_steps",
        since_ns=since_ns,
        until_ns=until_ns,
        step_ns=step_ns,
        function=function,
        limit=limit,
    )
    return [(row["function"], _step(row)) for row in rows]


def _counts(row: dict[str, Any]) -> Counts:
    return Counts(
        invocation_count=row["invocations"],
        error_count=row["errors"],
        timeout_count=row["timeouts"],
        out_of_memory_count=row["out_of_memory"],
        cold_start_count=row["cold_starts"],
        provisioned_count=row["provisioned"],
        restored_count=row["restored"],
        warm_count=row["warm"],
        repeat_count=row["repeats"],
        throttled_count=row["throttled"],
    )


def _quantiles(row: dict[str, Any]) -> Quantiles:
    return Quantiles(
        row["duration_p50_ns"],
        row["duration_p95_ns"],
        row["duration_p99_ns"],
        row["init_p50_ns"],
        row["init_p95_ns"],
    )


def _step(row: dict[str, Any]) -> HealthPoint:
    return HealthPoint(
        time_ns=row["time_ns"],
        counts=_counts(row),
        quantiles=_quantiles(row),
        throttle_count=row["throttled"] or None,
        memory_mb=row["memory_mb"],
        max_memory_used_mb=row["used_mb"],
    )
