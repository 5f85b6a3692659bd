"""What pages ask beside their lists: is anything stored, names of functions, cold traces."""

import uuid
from collections.abc import Sequence

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


@QUERIES.question
def traces_with_cold_start(
    cursor: Cursor, *, since_ns: int, until_ns: int, trace_ids: Sequence[uuid.UUID]
) -> frozenset[str]:
    """Those of the traces with a span, starting in the range, that was a cold start."""
    rows = QUERIES.rows(
        cursor,
        "traces_with_cold_start",
        since_ns=since_ns,
        until_ns=until_ns,
        trace_ids=list(trace_ids),
    )
    return frozenset(row[0] for row in rows)
