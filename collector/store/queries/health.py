"""The health of functions: all together, each, and one in full."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from duckdb import DuckDBPyConnection as Cursor

from collector.model.cost import CostRow
from collector.model.costs.pricing import Pricing
from collector.model.figure_columns import COLD_DURATION, DURATION, INIT
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
from collector.model.redrive import QueueRule
from collector.model.window import Window
from collector.store.queries.batches import HandedBack, read_batches
from collector.store.queries.cost_cells import quantities_among
from collector.store.queries.costs import read_function_costs
from collector.store.queries.figure_cells import Cut
from collector.store.queries.function_figures import (
    Figures,
    Told,
    function_overlaps,
    function_retries,
    function_sights,
    read_figures,
)
from collector.store.queries.invocations import function_errors
from collector.store.queries.queues import survey_queues
from collector.store.queries.registry import MAX_ROWS
from collector.store.queries.reported import Reports, function_metrics, read_reports
from collector.store.queries.reported_counts import handed_back, reported_counts, with_starts
from collector.store.queries.steps import step_of

FunctionFigures = tuple[list[FunctionHealth], FunctionHealth]
"""Functions by name, and all of them together under no name."""

_VERSIONS: Final = 50
_ERRORS: Final = 50
# Overlaps are found by sorting invocations; beyond so many that takes longer than a page may.
_MOST_SORTED: Final = 40_000


def read_overview(
    cursor: Cursor, window: Window, *, steps: int = 60, rules: Iterable[QueueRule] = ()
) -> Overview:
    """All functions together and each, and queues: now and in the period before.

    ``rules`` tell dead-letter queues whose names do not.
    """
    step_ns = step_of(window, steps)
    cut = Cut(step_ns, earlier=True)
    told, reported = read_figures(cursor, window, cut), read_reports(cursor, window, cut)
    functions = merged_health(told.by_function(), reported.now)
    functions_before = merged_health(told.by_function_before(), reported.earlier)
    queues = survey_queues(cursor, window, rules, earlier=True)
    series = _function_series(told, reported)
    return Overview(
        counts=_total(functions),
        before=_total(functions_before),
        quantiles=told.of_all().quantiles,
        throttle_count=_sum(each.throttle_count for each in functions),
        throttle_count_before=_sum(each.throttle_count for each in functions_before),
        series=tuple(_all_steps(told, reported, series)),
        step_ns=step_ns,
        functions=tuple(functions),
        functions_before=tuple(functions_before),
        function_series=series,
        queues=tuple(queues.queues),
        queues_before=tuple(queues.earlier),
        dead_letters=queues.dead_letters,
    )


def list_function_health(
    cursor: Cursor,
    window: Window,
    *,
    steps: int = 0,
    pricing: Pricing | None = None,
    batches: bool = False,
) -> FunctionList:
    """Functions that invocations or metrics tell of in the window, by name; at most 1000.

    With ``pricing`` each has its cost, with ``batches`` what it handed back of them.

    With ``steps`` each has a series of about so many, of counts: their quantiles are not read.
    """
    step_ns = step_of(window, steps or 1)
    cut = Cut(step_ns if steps else 0, costs=pricing is not None)
    told, reported = read_figures(cursor, window, cut), read_reports(cursor, window, cut)
    by_function = told.by_function()
    more = _more(cursor, window, None, by_function, batches=batches)
    functions = merged_health(by_function, reported.now, more)
    if pricing is not None:
        counted = quantities_among(cursor, window, told.read)
        costs = read_function_costs(cursor, window, pricing, counted=counted)
        functions = _with_costs(functions, costs)
    series = _function_series(told, reported) if steps else {}
    rows = (FunctionRow(health, tuple(series.get(health.name, ()))) for health in functions)
    return FunctionList(rows=tuple(rows), step_ns=step_ns)


def list_function_figures(
    cursor: Cursor, windows: Sequence[Window], *, in_full: bool = False
) -> list[FunctionFigures]:
    """Of each window the functions that anything tells of, and all of them together.

    Of all together counts, throttles and quantiles are told. ``in_full``: with retries, duplicates
    and overlaps, which neither figures nor metrics hold. Where functions ran, and whether metrics
    tell of any, is read once for all windows.
    """
    cut = Cut()
    sights = function_sights(cursor, function=None)
    since_ns = min(each.since_ns for each in windows)
    until_ns = max(each.until_ns for each in windows)
    metrics = function_metrics(cursor, since_ns=since_ns, until_ns=until_ns)
    found = []
    for window in windows:
        told = read_figures(cursor, window, cut, sights=sights)
        reported = read_reports(cursor, window, cut) if metrics else Reports()
        by_function = told.by_function()
        more = _more(cursor, window, None, by_function) if in_full else None
        functions = merged_health(by_function, reported.now, more)
        found.append((functions, together(functions, told.of_all().quantiles)))
    return found


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
    step_ns = step_of(window, steps)
    cut = Cut(step_ns, earlier=True)
    told = read_figures(cursor, window, cut, name)
    reported = read_reports(cursor, window, cut, name)
    by_function = told.by_function()
    more = _more(cursor, window, name, by_function, batches=True)
    found = merged_health(by_function, reported.now, more)
    if not found:
        return None
    if pricing is not None:
        found = _with_costs(found, read_function_costs(cursor, window, pricing, name))
    earlier = merged_health(told.by_function_before(), reported.earlier)
    points = {(name, point.time_ns): point for point in told.points()}
    return FunctionDetail(
        health=found[0],
        before=earlier[0] if earlier else None,
        series=tuple(_with_reports(points, reported).get(name, ())),
        step_ns=step_ns,
        versions=tuple(told.versions(_VERSIONS)),
        errors=tuple(
            function_errors(
                cursor,
                function=name,
                since_ns=window.since_ns,
                until_ns=window.until_ns,
                limit=_ERRORS,
            )
        ),
        durations=told.now.buckets(DURATION),
        cold_durations=told.now.buckets(COLD_DURATION),
        inits=told.now.buckets(INIT),
    )


def _with_costs(functions: list[FunctionHealth], costs: dict[str, CostRow]) -> list[FunctionHealth]:
    return [replace(each, cost=costs.get(each.name)) for each in functions]


@dataclass(frozen=True, slots=True)
class _More:
    """What is neither in figures nor in metrics, by function."""

    overlaps: dict[str, int]
    retries: dict[str, tuple[int, int]]
    batches: dict[str, HandedBack]


def _more(
    cursor: Cursor,
    window: Window,
    name: str | None,
    told: dict[str, Told],
    *,
    batches: bool = False,
) -> _More:
    count = sum(each.counts.invocation_count for each in told.values())
    place: dict[str, Any] = {"since_ns": window.since_ns, "until_ns": window.until_ns}
    return _More(
        overlaps=function_overlaps(cursor, **place, function=name) if count <= _MOST_SORTED else {},
        retries=function_retries(cursor, **place, function=name),
        batches=read_batches(cursor, window, name) if batches else {},
    )


def merged_health(
    told: dict[str, Told],
    reported: dict[str, dict[str, Any]],
    more: _More | None = None,
) -> list[FunctionHealth]:
    """Functions by name. Where invocations tell of one, metrics add only what those cannot."""
    return [
        _health(name, told.get(name), reported.get(name, {}), more)
        for name in sorted(told.keys() | reported.keys())[:MAX_ROWS]
    ]


def _health(
    name: str, told: Told | None, reported: dict[str, Any], more: _More | None
) -> FunctionHealth:
    of = told or Told()
    counts = with_starts(of.counts, reported) if told else reported_counts(reported)
    invocations = reported.get("invocations")
    told_throttles = reported.get("throttles")
    throttles = of.counts.throttled_count or None if told_throttles is None else told_throttles
    attempts = (counts.invocation_count if invocations is None else invocations) + (throttles or 0)
    overlaps = more.overlaps.get(name) if more else None
    retries = more.retries.get(name, (0, 0)) if more and told else (None, None)
    reported_concurrency = reported.get("max_concurrency")
    back = more.batches.get(name) if more else None
    back = back or handed_back(counts, throttles, reported)
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
        throttle_evidence=(
            "reported" if told_throttles is not None
            else "callers" if throttles is not None else None
        ),
        max_concurrency=overlaps if reported_concurrency is None else reported_concurrency,
        concurrency_evidence=(
            "reported" if reported_concurrency is not None
            else "overlaps" if overlaps is not None else None
        ),
        retry_count=retries[0],
        duplicate_count=retries[1],
        partial_batch_failure_count=back.message_count if back else None,
        partial_batch_count=back.batch_count if back else None,
        partial_batch_evidence=back.evidence if back else None,
        iterator_age_ms=reported.get("iterator_age_ms"),
        async_event_age_ms=reported.get("async_event_age_ms"),
        evidence="invocations" if told else "metrics",
    )  # fmt: skip


def _function_series(told: Figures, reported: Reports) -> dict[str, list[HealthPoint]]:
    """Each function's counts over time, by name: without quantiles."""
    return _with_reports(told.function_points(), reported)


def _with_reports(
    told: dict[tuple[str, int], HealthPoint], reported: Reports
) -> dict[str, list[HealthPoint]]:
    """By function: what is told of each step with what metrics tell of it, alone or too."""
    points = dict(told)
    for place in [place for place, point in told.items() if point.throttle_count]:
        if _told(reported, place[0], "throttles"):
            points[place] = replace(points[place], throttle_count=None)
    for place, report in reported.steps.items():
        points[place] = _with_report(points.get(place), place[1], report)
    series: dict[str, list[HealthPoint]] = {}
    for place in sorted(points):
        series.setdefault(place[0], []).append(points[place])
    return series


def _told(reported: Reports, name: str, column: str) -> bool:
    return reported.now.get(name, {}).get(column) is not None


def _with_report(point: HealthPoint | None, time_ns: int, reported: dict[str, Any]) -> HealthPoint:
    told = point or HealthPoint(time_ns, reported_counts(reported))
    throttles = told.throttle_count if reported["throttles"] is None else reported["throttles"]
    return HealthPoint(
        told.time_ns,
        with_starts(told.counts, reported),
        told.quantiles,
        throttle_count=throttles,
        max_concurrency=reported["max_concurrency"],
        memory_mb=told.memory_mb,
        max_memory_used_mb=told.max_memory_used_mb,
    )


def _all_steps(
    told: Figures, reported: Reports, series: Mapping[str, Sequence[HealthPoint]]
) -> list[HealthPoint]:
    """All functions together over time, with the throttles of all; ``series`` of each function."""
    points = {point.time_ns: point for point in told.points()}
    throttles: dict[int, float] = {}
    for (_, time_ns), report in reported.steps.items():
        if report["throttles"] is not None:
            throttles[time_ns] = throttles.get(time_ns, 0) + report["throttles"]
    if any(point.throttle_count for point in points.values()):
        for name, each in series.items():
            for point in () if _told(reported, name, "throttles") else each:
                if point.throttle_count:
                    throttles[point.time_ns] = (
                        throttles.get(point.time_ns, 0) + point.throttle_count
                    )
        points = {at: replace(point, throttle_count=None) for at, point in points.items()}
    for time_ns, count in throttles.items():
        report = {"throttles": count, "max_concurrency": None}
        points[time_ns] = _with_report(points.get(time_ns), time_ns, report)
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
