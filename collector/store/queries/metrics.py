"""Metrics: which were received, and one of them over time by an attribute."""

from typing import Any, Final

from duckdb import DuckDBPyConnection as Cursor

from collector.model.metric import Metric, MetricSummary
from collector.model.series import Grid, Step, build
from collector.model.window import Window
from collector.store.queries.registry import MAX_ROWS, QUERIES

MAX_STEPS: Final = 100_000
"""Stream-and-bucket rows one answer is made of; beyond it the answer says it is truncated."""

MAX_BUCKETS: Final = 1000
_TEMPORALITIES: Final = {1: "delta", 2: "cumulative"}


def list_metrics(
    cursor: Cursor, window: Window, *, text: str | None = None, function: str | None = None
) -> list[MetricSummary]:
    """Metrics with points in the window, by name; at most 1000."""
    return metric_list(
        cursor,
        since_ns=window.since_ns,
        until_ns=window.until_ns,
        text=text,
        function=function,
        limit=MAX_ROWS,
    )


def read_metric(
    cursor: Cursor,
    name: str,
    window: Window,
    *,
    by: str | None = None,
    function: str | None = None,
    buckets: int = 120,
) -> Metric | None:
    """One metric over time, or None when it has no points in the window.

    ``by`` is an attribute of the points or of their resource, or "function"; None puts all
    streams into one series. The window is cut into ``buckets`` equal parts.
    """
    place: dict[str, Any] = {
        "metric": name,
        "since_ns": window.since_ns,
        "until_ns": window.until_ns,
    }
    info = metric_info(cursor, **place, function=function)
    if info is None:
        return None
    kind, unit, description, temporality, monotonic = info
    width_ns = max(1, -(-window.length_ns // max(1, min(buckets, MAX_BUCKETS))))
    steps = metric_steps(
        cursor,
        **place,
        type=kind,
        function=function,
        by=by or "",
        width_ns=width_ns,
        limit=MAX_STEPS + 1,
    )
    return Metric(
        name=name,
        type=kind,
        unit=unit or None,
        description=description or None,
        temporality=_TEMPORALITIES.get(temporality),
        monotonic=monotonic,
        by=by,
        keys=tuple(metric_keys(cursor, **place, limit=50)),
        width_ns=width_ns,
        series=build(steps[:MAX_STEPS], kind, Grid(window.since_ns, width_ns)),
        label_count=len({step.label for step in steps}),
        truncated=len(steps) > MAX_STEPS,
    )


@QUERIES.question
def metric_list(
    cursor: Cursor,
    *,
    since_ns: int,
    until_ns: int,
    text: str | None,
    function: str | None,
    limit: int,
) -> list[MetricSummary]:
    """Metrics with points in a range of time, by name."""
    rows = QUERIES.rows(
        cursor,
        "metric_list",
        since_ns=since_ns,
        until_ns=until_ns,
        text=text,
        function=function,
        limit=limit,
    )
    return [
        MetricSummary(name, kind, unit or None, description or None, *counts)
        for name, kind, unit, description, *counts in rows
    ]


@QUERIES.question
def metric_info(
    cursor: Cursor, *, metric: str, since_ns: int, until_ns: int, function: str | None
) -> tuple[Any, ...] | None:
    """Type, unit, description, temporality and monotonic of a metric's newest point."""
    rows = QUERIES.rows(
        cursor,
        "metric_info",
        metric=metric,
        since_ns=since_ns,
        until_ns=until_ns,
        function=function,
    )
    return rows[0] if rows else None


@QUERIES.question
def metric_keys(
    cursor: Cursor, *, metric: str, since_ns: int, until_ns: int, limit: int
) -> list[str]:
    """Attribute names on a metric's points, those with the fewest values first."""
    rows = QUERIES.rows(
        cursor, "metric_keys", metric=metric, since_ns=since_ns, until_ns=until_ns, limit=limit
    )
    return [row[0] for row in rows]


@QUERIES.question
def metric_steps(
    cursor: Cursor,
    *,
    metric: str,
    type: str,  # noqa: A002 - the column's name
    since_ns: int,
    until_ns: int,
    function: str | None,
    by: str,
    width_ns: int,
    limit: int,
) -> list[Step]:
    """What each stream of a metric did in each bucket of time."""
    rows = QUERIES.rows(
        cursor,
        "metric_steps",
        metric=metric,
        type=type,
        since_ns=since_ns,
        until_ns=until_ns,
        function=function,
        by=by,
        width_ns=width_ns,
        limit=limit,
    )
    return [Step(*row) for row in rows]
