"""The health of functions: all together, each, and one in full."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from duckdb import DuckDBPyConnection as Cursor

from collector.model.cost import CostRow
from collector.model.costs.pricing import Pricing
from collector.model.health import (
    Counts,
    FunctionDetail,
    FunctionHealth,
    FunctionList,
    FunctionRow,
    HealthPoint,
    Overview,
    Quantiles,
)
from collector.model.window import Window
from collector.store.queries.costs import read_function_costs
from collector.store.queries.function_figures import (
    Told,
    function_buckets,
    function_counts,
    function_health,
    function_overlaps,
    function_retries,
    function_steps,
    function_versions,
)
from collector.store.queries.invocations import function_errors
from collector.store.queries.queues import list_queues
from collector.store.queries.registry import MAX_ROWS
from collector.store.queries.reported import reports, step_reports
from collector.store.queries.steps import before, step_of

_MOST_POINTS: Final = 200_000
_DURATIONS, _INITS, _COLD_DURATIONS = 20, 21, 24
# Overlaps are found by sorting invocations; beyond so many that takes longer than a page may.
_MOST_SORTED: Final = 40_000


@dataclass(frozen=True, slots=True)
class _Span:
    """A window as the keywords of questions."""

    window: Window

    @property
    def keywords(self) -> dict[str, Any]:
        return {"since_ns": self.window.since_ns, "until_ns": self.window.until_ns}


def read_overview(cursor: Cursor, window: Window, *, steps: int = 60) -> Overview:
    """All functions together and each, now and in the period before."""
    earlier = before(window)
    told, whole = _told(cursor, window, None)
    functions = merged_health(told, reports(cursor, window))
    reported_before = reports(cursor, earlier)
    counts_before = _counts(cursor, earlier, 0)
    functions_before = merged_health(
        {name: Told(counts=counts) for name, _, counts in counts_before if name}, reported_before
    )
    step_ns = step_of(window, steps)
    dead = [each for each in list_queues(cursor, window) if each.is_dlq and each.depth]
    return Overview(
        counts=_total(functions),
        before=_total(functions_before),
        quantiles=whole.quantiles,
        throttle_count=_sum(each.throttle_count for each in functions),
        throttle_count_before=_sum(each.throttle_count for each in functions_before),
        oldest_dead_letter_age_s=max(
            (each.oldest_age_s for each in dead if each.oldest_age_s is not None), default=None
        ),
        dead_letter_count=_sum(each.depth for each in dead),
        series=tuple(_all_steps(cursor, window, step_ns)),
        step_ns=step_ns,
        functions=tuple(functions),
        functions_before=tuple(functions_before),
    )


def list_function_health(
    cursor: Cursor, window: Window, *, steps: int = 0, pricing: Pricing | None = None
) -> FunctionList:
    """Functions that invocations or metrics tell of in the window, by name; at most 1000.

    With ``pricing`` each has its cost.

    With ``steps`` each has a series of about so many, of counts: their quantiles are not read.
    """
    told, whole = _told(cursor, window, None)
    functions = merged_health(told, reports(cursor, window), _more(cursor, window, None, whole))
    if pricing is not None:
        functions = _with_costs(functions, read_function_costs(cursor, window, pricing))
    step_ns = step_of(window, steps or 1)
    series = list_function_series(cursor, window, step_ns) if steps else {}
    rows = (FunctionRow(health, tuple(series.get(health.name, ()))) for health in functions)
    return FunctionList(rows=tuple(rows), step_ns=step_ns)


def read_function_figures(
    cursor: Cursor, window: Window, *, in_full: bool = True
) -> tuple[list[FunctionHealth], FunctionHealth]:
    """Functions that anything tells of in the window, and all of them together under no name.

    Of all together counts, throttles and quantiles are told. ``in_full``: with retries, duplicates
    and overlaps, which neither figures nor metrics hold.
    """
    told, whole = _told(cursor, window, None)
    more = _more(cursor, window, None, whole) if in_full else None
    functions = merged_health(told, reports(cursor, window), more)
    return functions, together(functions, whole.quantiles)


def together(
    functions: Sequence[FunctionHealth], quantiles: Quantiles | None = None
) -> FunctionHealth:
    """All functions as one under no name: counts, throttles, retries; quantiles as given."""
    throttles = _sum(each.throttle_count for each in functions)
    attempts = _sum(
        each.throttle_count / each.throttle_rate
        if each.throttle_rate
        else each.counts.invocation_count
        for each in functions
        if each.throttle_count is not None
    )
    return FunctionHealth(
        name="",
        provider=None,
        platform=None,
        region=None,
        account_id=None,
        counts=_total(functions),
        quantiles=quantiles or Quantiles(),
        throttle_count=throttles,
        throttle_rate=throttles / attempts if throttles is not None and attempts else None,
        retry_count=_whole_count(each.retry_count for each in functions),
        duplicate_count=_whole_count(each.duplicate_count for each in functions),
    )


def list_function_series(
    cursor: Cursor, window: Window, step_ns: int
) -> dict[str, list[HealthPoint]]:
    """Each function's counts over time, by name: without quantiles."""
    series: dict[str, list[HealthPoint]] = {}
    told_steps = [
        (name, HealthPoint(time_ns, counts))
        for name, time_ns, counts in _counts(cursor, window, step_ns)
        if name
    ]
    for name, point in _with_reports(cursor, window, step_ns, None, told_steps):
        series.setdefault(name, []).append(point)
    return series


def read_function(
    cursor: Cursor,
    name: str,
    window: Window,
    *,
    steps: int = 60,
    pricing: Pricing | None = None,
) -> FunctionDetail | None:
    """One function in full; None when nothing tells of it in the window.

    With ``pricing`` it has its cost.
    """
    place = {"function": name, **_Span(window).keywords}
    whole, versions = function_versions(cursor, **place, limit=50)
    told = {name: whole} if whole else {}
    more = _more(cursor, window, name, whole or Told())
    found = merged_health(told, reports(cursor, window, name), more)
    if not found:
        return None
    if pricing is not None:
        found = _with_costs(found, read_function_costs(cursor, window, pricing, name))
    earlier = before(window)
    told_before, _ = _told(cursor, earlier, name)
    earlier_health = merged_health(told_before, reports(cursor, earlier, name))
    step_ns = step_of(window, steps)
    buckets = function_buckets(cursor, **place)
    return FunctionDetail(
        health=found[0],
        before=earlier_health[0] if earlier_health else None,
        series=tuple(point for _, point in _steps(cursor, window, step_ns, name)),
        step_ns=step_ns,
        versions=tuple(versions),
        errors=tuple(function_errors(cursor, **place, limit=50)),
        durations=buckets.get(_DURATIONS, ()),
        cold_durations=buckets.get(_COLD_DURATIONS, ()),
        inits=buckets.get(_INITS, ()),
    )


def _with_costs(functions: list[FunctionHealth], costs: dict[str, CostRow]) -> list[FunctionHealth]:
    return [replace(each, cost=costs.get(each.name)) for each in functions]


def _told(cursor: Cursor, window: Window, name: str | None) -> tuple[dict[str, Told], Told]:
    """By function, and of all together: what invocations tell."""
    return function_health(cursor, **_Span(window).keywords, function=name, limit=MAX_ROWS)


@dataclass(frozen=True, slots=True)
class _More:
    """What is neither in figures nor in metrics, by function."""

    overlaps: dict[str, int]
    retries: dict[str, tuple[int, int]]


def _more(cursor: Cursor, window: Window, name: str | None, whole: Told) -> _More:
    keywords = {**_Span(window).keywords, "function": name}
    few = whole.counts.invocation_count <= _MOST_SORTED
    return _More(
        overlaps=function_overlaps(cursor, **keywords) if few else {},
        retries=function_retries(cursor, **keywords),
    )


def merged_health(
    told: dict[str, Told],
    reported: dict[str, dict[str, Any]],
    more: _More | None = None,
) -> list[FunctionHealth]:
    """Functions by name. Where invocations tell of one, metrics add only what those cannot."""
    return [
        _health(name, told.get(name), reported.get(name, {}), more)
        for name in sorted(told.keys() | reported.keys())
    ]


def _health(
    name: str, told: Told | None, reported: dict[str, Any], more: _More | None
) -> FunctionHealth:
    of = told or Told()
    counts = with_starts(of.counts, reported) if told else reported_counts(reported)
    invocations = reported.get("invocations")
    throttles = reported.get("throttles")
    attempts = (counts.invocation_count if invocations is None else invocations) + (throttles or 0)
    overlaps = more.overlaps.get(name) if more else None
    retries = more.retries.get(name, (0, 0)) if more and told else (None, None)
    reported_concurrency = reported.get("max_concurrency")
    return FunctionHealth(
        name=name,
        provider=of.provider,
        platform=of.platform,
        region=of.region,
        account_id=of.account_id,
        counts=counts,
        quantiles=of.quantiles,
        memory_mb=of.memory_mb,
        max_memory_used_mb=of.used_mb,
        throttle_count=throttles,
        throttle_rate=throttles / attempts if throttles is not None and attempts else None,
        max_concurrency=overlaps if reported_concurrency is None else reported_concurrency,
        concurrency_evidence=(
            "reported" if reported_concurrency is not None
            else "overlaps" if overlaps is not None else None
        ),
        retry_count=retries[0],
        duplicate_count=retries[1],
        iterator_age_ms=reported.get("iterator_age_ms"),
        async_event_age_ms=reported.get("async_event_age_ms"),
        evidence="invocations" if told else "metrics",
    )  # fmt: skip


def reported_counts(reported: dict[str, Any]) -> Counts:
    """Counts as metrics tell them; whole numbers, for they count. No errors: none of any kind."""
    cold, errors = reported.get("cold_starts"), reported.get("errors")
    invocations = round(reported.get("invocations") or 0)
    special = {name: reported.get(name) for name in ("timeouts", "out_of_memory")}
    special = {name: 0 if errors == 0 else each for name, each in special.items()}
    timeouts, out_of_memory = special.values()
    return Counts(
        invocation_count=invocations,
        error_count=round(errors or 0),
        timeout_count=None if timeouts is None else round(timeouts),
        out_of_memory_count=None if out_of_memory is None else round(out_of_memory),
        cold_start_count=round(cold or 0),
        warm_count=0 if cold is None else max(invocations - round(cold), 0),
    )


def with_starts(counts: Counts, reported: dict[str, Any]) -> Counts:
    """Counts of invocations, their unknown starts filled in from a metric of all cold starts.

    A metric of starts tells of the function's every start, so that what it leaves is warm.
    """
    unknown = counts.invocation_count - counts.known_start_count
    cold = reported.get("cold_starts")
    if cold is None or unknown <= 0:
        return counts
    more = min(max(round(cold) - counts.cold_start_count, 0), unknown)
    return replace(
        counts,
        cold_start_count=counts.cold_start_count + more,
        warm_count=counts.warm_count + unknown - more,
    )


def _counts(
    cursor: Cursor, window: Window, step_ns: int, *, each_function: bool = True
) -> list[tuple[str | None, int, Counts]]:
    return function_counts(
        cursor,
        **_Span(window).keywords,
        step_ns=step_ns,
        each_function=each_function,
        limit=_MOST_POINTS,
    )


def _steps(
    cursor: Cursor, window: Window, step_ns: int, name: str
) -> list[tuple[str, HealthPoint]]:
    """One function over time."""
    told = function_steps(
        cursor,
        **_Span(window).keywords,
        step_ns=step_ns,
        function=name,
        limit=_MOST_POINTS,
    )
    return _with_reports(cursor, window, step_ns, name, told)


def _with_reports(
    cursor: Cursor,
    window: Window,
    step_ns: int,
    name: str | None,
    told: list[tuple[str, HealthPoint]],
) -> list[tuple[str, HealthPoint]]:
    """The same with what metrics tell of each step, and the steps only they tell of."""
    points = {(function, point.time_ns): point for function, point in told}
    for place, reported in step_reports(cursor, window, step_ns, name).items():
        points[place] = _with_report(points.get(place), place[1], reported)
    return [(function, points[function, at]) for function, at in sorted(points)]


def _with_report(point: HealthPoint | None, time_ns: int, reported: dict[str, Any]) -> HealthPoint:
    told = point or HealthPoint(time_ns, reported_counts(reported))
    return HealthPoint(
        told.time_ns,
        with_starts(told.counts, reported),
        told.quantiles,
        throttle_count=reported["throttles"],
        max_concurrency=reported["max_concurrency"],
        memory_mb=told.memory_mb,
        max_memory_used_mb=told.max_memory_used_mb,
    )


def _all_steps(cursor: Cursor, window: Window, step_ns: int) -> list[HealthPoint]:
    """All functions together over time, with the throttles of all."""
    told = _counts(cursor, window, step_ns, each_function=False)
    points = {time_ns: HealthPoint(time_ns, counts) for _, time_ns, counts in told}
    throttles: dict[int, float] = {}
    for (_, time_ns), reported in step_reports(cursor, window, step_ns, None).items():
        if reported["throttles"] is not None:
            throttles[time_ns] = throttles.get(time_ns, 0) + reported["throttles"]
    for time_ns, count in throttles.items():
        reported = {"throttles": count, "max_concurrency": None}
        points[time_ns] = _with_report(points.get(time_ns), time_ns, reported)
    return [points[time_ns] for time_ns in sorted(points)]


def _total(functions: Sequence[FunctionHealth]) -> Counts:
    """All together, as far as is known."""
    names = Counts.__dataclass_fields__
    return Counts(
        **{name: sum(getattr(each.counts, name) or 0 for each in functions) for name in names}
    )


def _sum(values: Any) -> float | None:
    known = [each for each in values if each is not None]
    return sum(known) if known else None


def _whole_count(values: Any) -> int | None:
    found = _sum(values)
    return None if found is None else round(found)
