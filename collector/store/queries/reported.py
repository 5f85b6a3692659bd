"""What metrics tell of functions: of CloudWatch, ``faas.*``, Google Cloud, Knative and others."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from duckdb import DuckDBPyConnection as Cursor

from collector.model.window import Window
from collector.store.queries.figure_cells import Cut
from collector.store.queries.registry import QUERIES
from collector.store.queries.steps import before

Report = dict[str, Any]
"""The columns of the view reported_health; None: no metric told it."""

_ADD_UP: Final = (
    "invocations", "errors", "timeouts", "out_of_memory", "throttles", "cold_starts",
    "async_events_dropped", "failed_events",
)  # fmt: skip
_GREATEST: Final = ("max_concurrency", "iterator_age_ms", "async_event_age_ms")


def reports(cursor: Cursor, window: Window, function: str | None = None) -> dict[str, Report]:
    """By function: what metrics tell of it in the window."""
    return {name: row for (name, _), row in step_reports(cursor, window, 0, function).items()}


@dataclass(frozen=True, slots=True)
class Reports:
    """What metrics tell of each function: in a window, in its steps, and in the window before."""

    now: dict[str, Report] = field(default_factory=dict)
    steps: dict[tuple[str, int], Report] = field(default_factory=dict)
    earlier: dict[str, Report] = field(default_factory=dict)


def read_reports(cursor: Cursor, window: Window, cut: Cut, function: str | None = None) -> Reports:
    """What metrics tell of each function, or of one."""
    earlier = before(window)
    first_ns = earlier.since_ns if cut.earlier else window.since_ns
    if not function_metrics(cursor, since_ns=first_ns, until_ns=window.until_ns):
        return Reports()
    steps = _reported(cursor, window, cut.step_ns, function)
    told = step_reports(cursor, earlier, 0, function) if cut.earlier else {}
    return Reports(_together(steps), steps, {name: row for (name, _), row in told.items()})


def _together(steps: dict[tuple[str, int], Report]) -> dict[str, Report]:
    """The steps of each function as one: amounts add up, of levels the greatest counts."""
    by_function: dict[str, list[Report]] = {}
    for (name, _), report in steps.items():
        by_function.setdefault(name, []).append(report)
    return {
        name: {column: _known(sum, found, column) for column in _ADD_UP}
        | {column: _known(max, found, column) for column in _GREATEST}
        for name, found in by_function.items()
    }


def _known(together: Any, reports: Iterable[Report], column: str) -> float | None:
    values = [report[column] for report in reports if report[column] is not None]
    return together(values) if values else None


def step_reports(
    cursor: Cursor, window: Window, step_ns: int, function: str | None
) -> dict[tuple[str, int], Report]:
    """By function and step of time; a step of 0 ns is the whole window."""
    if not function_metrics(cursor, since_ns=window.since_ns, until_ns=window.until_ns):
        return {}
    return _reported(cursor, window, step_ns, function)


def _reported(
    cursor: Cursor, window: Window, step_ns: int, function: str | None
) -> dict[tuple[str, int], Report]:
    rows = reported_functions(
        cursor,
        since_ns=window.since_ns,
        until_ns=window.until_ns,
        step_ns=step_ns,
        function=function,
    )
    return {(row["function"], row["time_ns"]): row for row in rows}


@QUERIES.question
def function_metrics(cursor: Cursor, *, since_ns: int, until_ns: int) -> bool:
    """Whether any metric about functions came."""
    rows = QUERIES.rows(cursor, "function_metrics", since_ns=since_ns, until_ns=until_ns)
    return bool(rows)


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
