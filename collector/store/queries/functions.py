"""Functions: which were seen, and how their invocations went."""

from duckdb import DuckDBPyConnection as Cursor

from collector.model.function import FunctionHealth, FunctionSeen
from collector.model.window import Window
from collector.store.queries.registry import MAX_ROWS, QUERIES


def list_functions(cursor: Cursor, window: Window) -> list[FunctionSeen]:
    """Functions with spans or log records in the window, by name; at most 1000."""
    return function_activity(
        cursor, since_ns=window.since_ns, until_ns=window.until_ns, limit=MAX_ROWS
    )


def list_function_health(
    cursor: Cursor, window: Window, *, function: str | None = None
) -> list[FunctionHealth]:
    """Functions with invocations in the window, by name; at most 1000."""
    return function_health(
        cursor,
        since_ns=window.since_ns,
        until_ns=window.until_ns,
        function=function,
        limit=MAX_ROWS,
    )


@QUERIES.question
def function_activity(
    cursor: Cursor, *, since_ns: int, until_ns: int, limit: int
) -> list[FunctionSeen]:
    """Functions with spans or log records in a range of time."""
    rows = QUERIES.rows(
        cursor, "function_activity", since_ns=since_ns, until_ns=until_ns, limit=limit
    )
    return [FunctionSeen(*row) for row in rows]


@QUERIES.question
def function_health(
    cursor: Cursor, *, since_ns: int, until_ns: int, function: str | None, limit: int
) -> list[FunctionHealth]:
    """What the invocations of each function in a range of time say."""
    rows = QUERIES.rows(
        cursor,
        "function_health",
        since_ns=since_ns,
        until_ns=until_ns,
        function=function,
        limit=limit,
    )
    return [FunctionHealth(*row[:-1], *(row[-1] or (None,) * 3)) for row in rows]
