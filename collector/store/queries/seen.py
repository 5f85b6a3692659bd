"""What has been received at all: whether anything is stored, and the names of functions."""

from duckdb import DuckDBPyConnection as Cursor

from collector.store.queries.registry import QUERIES


@QUERIES.question
def anything_stored(cursor: Cursor) -> bool:
    """Whether a span, a log record or a metric point is stored."""
    return bool(QUERIES.rows(cursor, "anything_stored")[0][0])


@QUERIES.question
def function_names(cursor: Cursor, *, limit: int = 500) -> list[str]:
    """Names of functions that sent telemetry, in order; what a filter suggests."""
    return [row[0] for row in QUERIES.rows(cursor, "function_names", limit=limit)]
