"""What metrics tell of functions: of CloudWatch, ``faas.*``, Google Cloud, Knative and others."""

from typing import Any

from duckdb import DuckDBPyConnection as Cursor

from collector.model.window import Window
from collector.store.queries.registry import QUERIES

Report = dict[str, Any]
"""The columns of the view reported_health; None: no metric told it."""


def reports(cursor: Cursor, window: Window, function: str | None = None) -> dict[str, Report]:
    """By function: what metrics tell of it in the window."""
    return {name: row for (name, _), row in step_reports(cursor, window, 0, function).items()}


def step_reports(
    cursor: Cursor, window: Window, step_ns: int, function: str | None
) -> dict[tuple[str, int], Report]:
    """By function and step of time; a step of 0 ns is the whole window."""
    place = {"since_ns": window.since_ns, "until_ns": window.until_ns}
    if not function_metrics(cursor, **place):
        return {}
    rows = reported_functions(cursor, **place, step_ns=step_ns, function=function)
    return {(row["function"], row["time_ns"]): row for row in rows}


@QUERIES.question
def function_metrics(cursor: Cursor, *, since_ns: int, until_ns: int) -> bool:
    """Whether any metric about functions came."""
    rows = QUERIES.rows(cursor, "function_metrics", since_ns=since_ns, until_ns=until_ns)
    return bool(rows[0][0])


@QUERIES.question
def reported_functions(
    cursor: Cursor, *, since_ns: int, until_ns: int, step_ns: int, function: str | None
) -> list[Report]:
    """What metrics tell of each function, or of one."""
    return QUERIES.records(
        cursor,
        "reported_functions",
        since_ns=since_ns,
        until_ns=until_ns,
        step_ns=step_ns,
        function=function,
    )
