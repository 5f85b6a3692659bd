"""The health of functions: all together, each, and one in full."""

from typing import Any, Final

from duckdb import DuckDBPyConnection as Cursor

from collector.model.health import (
    Bucket,
    Counts,
    FunctionDetail,
    FunctionHealth,
    FunctionList,
    FunctionRow,
    HealthPoint,
    Overview,
    Quantiles,
    VersionHealth,
)
from collector.model.window import Window
from collector.store.queries.invocations import function_errors
from collector.store.queries.registry import MAX_ROWS, QUERIES

_MINUTE_NS: Final = 60 * 10**9
_MOST_POINTS: Final = 200_000
_COUNTS: Final = 9
_QUANTILES: Final = 5
_DURATIONS, _INITS, _COLD_DURATIONS = 20, 21, 24


def step_of(window: Window, steps: int) -> int:
    """Width in ns of about so many equal steps of a window: whole minutes, as figures are kept."""
    minutes = -(-window.length_ns // (max(1, min(steps, MAX_ROWS)) * _MINUTE_NS))
    return max(1, minutes) * _MINUTE_NS


def before(window: Window) -> Window:
    """The period of the same length that ends where the window begins."""
    return Window(window.since_ns - window.length_ns, window.since_ns)


def read_overview(cursor: Cursor, window: Window, *, steps: int = 60) -> Overview:
    """All functions together and each, now and in the period before."""
    earlier = before(window)
    functions = _functions(cursor, window)
    functions_before = _functions(cursor, earlier)
    step_ns = step_of(window, steps)
    whole = _steps(cursor, window, 0)
    return Overview(
        counts=_total(functions),
        before=_total(functions_before),
        quantiles=whole[0].quantiles if whole else Quantiles(),
        throttle_count=_sum(each.throttle_count for each in functions),
        throttle_count_before=_sum(each.throttle_count for each in functions_before),
        oldest_dead_letter_age_s=None,
        dead_letter_count=None,
        series=tuple(_steps(cursor, window, step_ns)),
        step_ns=step_ns,
        functions=tuple(functions),
        functions_before=tuple(functions_before),
    )


def list_function_health(cursor: Cursor, window: Window, *, steps: int = 0) -> FunctionList:
    """Functions that invocations or metrics tell of in the window, by name; at most 1000.

    With ``steps`` each has a series of about so many.
    """
    step_ns = step_of(window, steps or 1)
    series: dict[str, list[HealthPoint]] = {}
    if steps:
        for name, point in _function_steps(cursor, window, step_ns, None):
            series.setdefault(name, []).append(point)
    return FunctionList(
        rows=tuple(
            FunctionRow(health, tuple(series.get(health.name, ())))
            for health in _functions(cursor, window)
        ),
        step_ns=step_ns,
    )


def read_function(
    cursor: Cursor, name: str, window: Window, *, steps: int = 60
) -> FunctionDetail | None:
    """One function in full; None when nothing tells of it in the window."""
    found = _functions(cursor, window, name)
    if not found:
        return None
    earlier = _functions(cursor, before(window), name)
    step_ns = step_of(window, steps)
    place: dict[str, Any] = {
        "function": name, "since_ns": window.since_ns, "until_ns": window.until_ns,
    }  # fmt: skip
    buckets = function_buckets(cursor, **place)
    return FunctionDetail(
        health=found[0],
        before=earlier[0] if earlier else None,
        series=tuple(point for _, point in _function_steps(cursor, window, step_ns, name)),
        step_ns=step_ns,
        versions=tuple(function_versions(cursor, **place, limit=50)),
        errors=tuple(function_errors(cursor, **place, limit=50)),
        durations=buckets.get(_DURATIONS, ()),
        cold_durations=buckets.get(_COLD_DURATIONS, ()),
        inits=buckets.get(_INITS, ()),
    )


def _functions(cursor: Cursor, window: Window, name: str | None = None) -> list[FunctionHealth]:
    return function_health(
        cursor,
        since_ns=window.since_ns,
        until_ns=window.until_ns,
        function=name,
        limit=MAX_ROWS,
    )


def _steps(cursor: Cursor, window: Window, step_ns: int) -> list[HealthPoint]:
    return health_steps(cursor, since_ns=window.since_ns, until_ns=window.until_ns, step_ns=step_ns)


def _function_steps(
    cursor: Cursor, window: Window, step_ns: int, name: str | None
) -> list[tuple[str, HealthPoint]]:
    return function_steps(
        cursor,
        since_ns=window.since_ns,
        until_ns=window.until_ns,
        step_ns=step_ns,
        function=name,
        limit=_MOST_POINTS,
    )


def _total(functions: list[FunctionHealth]) -> Counts:
    names = Counts.__dataclass_fields__
    return Counts(**{name: sum(getattr(each.counts, name) for each in functions) for name in names})


def _sum(values: Any) -> float | None:
    known = [each for each in values if each is not None]
    return sum(known) if known else None


@QUERIES.question
def function_health(
    cursor: Cursor, *, since_ns: int, until_ns: int, function: str | None, limit: int
) -> list[FunctionHealth]:
    """What invocations and metrics say of each function in a range of time."""
    rows = QUERIES.records(
        cursor,
        "function_health",
        since_ns=since_ns,
        until_ns=until_ns,
        function=function,
        limit=limit,
    )
    return [_health(row) for row in rows]


def _health(row: dict[str, Any]) -> FunctionHealth:
    return FunctionHealth(
        name=row["function"],
        provider=row["provider"],
        platform=row["platform"],
        region=row["region"],
        account_id=row["account_id"],
        counts=_counts(row),
        quantiles=_quantiles(row),
        memory_mb=row["memory_mb"],
        max_memory_used_mb=row["used_mb"],
        throttle_count=row["throttles"],
        throttle_rate=row["throttle_rate"],
        max_concurrency=row["max_concurrency"],
        concurrency_evidence=None if row["max_concurrency"] is None else "reported",
        iterator_age_ms=row["iterator_age_ms"],
        async_event_age_ms=row["async_event_age_ms"],
        evidence=row["evidence"],
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
        throttle_count=row["throttles"],
        max_concurrency=row["max_concurrency"],
        memory_mb=row["memory_mb"],
        max_memory_used_mb=row["used_mb"],
    )


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
def health_steps(
    cursor: Cursor, *, since_ns: int, until_ns: int, step_ns: int
) -> list[HealthPoint]:
    """All functions together over time; a step of 0 ns is the whole range."""
    rows = QUERIES.records(
        cursor, "health_steps", since_ns=since_ns, until_ns=until_ns, step_ns=step_ns
    )
    return [_point(row) for row in rows]


@QUERIES.question
def function_versions(
    cursor: Cursor, *, function: str, since_ns: int, until_ns: int, limit: int
) -> list[VersionHealth]:
    """The versions of a function, the oldest first."""
    rows = QUERIES.records(
        cursor,
        "function_versions",
        function=function,
        since_ns=since_ns,
        until_ns=until_ns,
        limit=limit,
    )
    return [
        VersionHealth(
            row["version"], row["first_seen_ns"], row["last_seen_ns"], _counts(row), _quantiles(row)
        )
        for row in rows
    ]


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
