"""What has been received at all: whether anything is stored, and the names of functions."""

from duckdb import DuckDBPyConnection as Cursor

from collector.store.queries.registry import QUERIES


@QUERIES.question
def anything_stored(cursor: Cursor) -> bool:
    """Whether a span, a log record or a metric point is stored."""
    return bool(QUERIES.rows(cursor, "anything_stored")[0][0])


@QUERIES.question
def functions_seen(cursor: Cursor) -> list[str]:
    """The names of functions that sent telemetry, at most 500, in order of name."""
    return [row[0] for row in QUERIES.rows(cursor, "functions_seen")]
