"""Figures of functions as invocations tell them: counts, percentiles, versions, overlaps."""

from dataclasses import dataclass, field
from typing import Any

from duckdb import DuckDBPyConnection as Cursor

from collector.model.health import Bucket, Counts, HealthPoint, Quantiles, VersionHealth
from collector.store.queries.registry import QUERIES


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


@QUERIES.question
def function_health(
    cursor: Cursor, *, since_ns: int, until_ns: int, function: str | None, limit: int
) -> tuple[dict[str, Told], Told]:
    """By function, and of all together; of ``limit`` functions."""
    rows = QUERIES.records(
        cursor,
        "function_health",
        since_ns=since_ns,
        until_ns=until_ns,
        function=function,
        limit=limit + 1,
    )
    whole = next((_told(row) for row in rows if row["whole"]), Told())
    return {row["function"]: _told(row) for row in rows if not row["whole"]}, whole


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
    return [(row["function"], _point(row)) for row in rows]


@QUERIES.question
def function_versions(
    cursor: Cursor, *, function: str, since_ns: int, until_ns: int, limit: int
) -> tuple[Told | None, list[VersionHealth]]:
    """A function, and each of its versions, the oldest first."""
    rows = QUERIES.records(
        cursor,
        "function_versions",
        function=function,
        since_ns=since_ns,
        until_ns=until_ns,
        limit=limit + 1,
    )
    versions = [
        VersionHealth(
            row["version"], row["first_seen_ns"], row["last_seen_ns"], _counts(row), _quantiles(row)
        )
        for row in rows
        if not row["whole"]
    ]
    return next((_told(row) for row in rows if row["whole"]), None), versions


@QUERIES.question
def function_buckets(
    cursor: Cursor, *, function: str, since_ns: int, until_ns: int
) -> dict[int, tuple[Bucket, ...]]:
    """Durations (20), inits (21) and durations of cold starts (24), in order."""
    found: dict[int, list[Bucket]] = {}
    for figure, middle_ns, count in QUERIES.rows(
        cursor, "function_buckets", function=function, since_ns=since_ns, until_ns=until_ns
    ):
        found.setdefault(figure, []).append(Bucket(middle_ns, count))
    return {figure: tuple(buckets) for figure, buckets in found.items()}


@QUERIES.question
def function_overlaps(
    cursor: Cursor, *, since_ns: int, until_ns: int, function: str | None
) -> dict[str, int]:
    """By function: the most of its invocations that went on at a time."""
    rows = QUERIES.rows(
        cursor, "function_overlaps", since_ns=since_ns, until_ns=until_ns, function=function
    )
    return dict(rows)


@QUERIES.question
def function_retries(
    cursor: Cursor, *, since_ns: int, until_ns: int, function: str | None
) -> dict[str, tuple[int, int]]:
    """By function: retries and duplicates in the event traces it has a part in, where any."""
    rows = QUERIES.rows(
        cursor, "function_retries", since_ns=since_ns, until_ns=until_ns, function=function
    )
    return {name: (retries, duplicates) for name, retries, duplicates in rows}


def _told(row: dict[str, Any]) -> Told:
    memory_mb = row["memory_mb"]
    return Told(
        counts=_counts(row),
        quantiles=_quantiles(row),
        memory_mb=row["said_memory_mb"] if memory_mb is None else memory_mb,
        used_mb=row["used_mb"],
        provider=row["provider"],
        platform=row["platform"],
        region=row["region"],
        account_id=row["account_id"],
    )


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
    )


def _quantiles(row: dict[str, Any]) -> Quantiles:
    return Quantiles(
        row["duration_p50_ns"],
        row["duration_p95_ns"],
        row["duration_p99_ns"],
        row["init_p50_ns"],
        row["init_p95_ns"],
    )


def _point(row: dict[str, Any]) -> HealthPoint:
    return HealthPoint(
        time_ns=row["time_ns"],
        counts=_counts(row),
        quantiles=_quantiles(row),
        memory_mb=row["memory_mb"],
        max_memory_used_mb=row["used_mb"],
    )
