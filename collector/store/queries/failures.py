"""How many event traces of each function failed: what an operator is told beside its health."""

from duckdb import DuckDBPyConnection as Cursor

from collector.model.failures import Failures
from collector.model.window import Window
from collector.store.queries.registry import MAX_ROWS, QUERIES


def list_failures(cursor: Cursor, window: Window) -> dict[str, Failures]:
    """By function: failed event traces that began in the window; functions without are left out."""
    return failures_by_function(
        cursor, since_ns=window.since_ns, until_ns=window.until_ns, limit=MAX_ROWS
    )


@QUERIES.question
def failures_by_function(
    cursor: Cursor, *, since_ns: int, until_ns: int, limit: int
) -> dict[str, Failures]:
    """The functions with the most failed event traces."""
    rows = QUERIES.rows(
        cursor, "failures_by_function", since_ns=since_ns, until_ns=until_ns, limit=limit
    )
    return {function: Failures(errors, dead) for function, errors, dead in rows}
