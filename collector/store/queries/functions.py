"""Functions: which were seen."""

from duckdb import DuckDBPyConnection as Cursor

from collector.model.function import FunctionSeen
from collector.model.window import Window
from collector.store.queries.registry import MAX_ROWS, QUERIES


def list_functions(cursor: Cursor, window: Window) -> list[FunctionSeen]:
    """Functions with spans or log records in the window, by name; at most 1000."""
    return function_activity(
        cursor, since_ns=window.since_ns, until_ns=window.until_ns, limit=MAX_ROWS
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
