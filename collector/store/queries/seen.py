"""What pages ask beside their lists: is anything stored, names of functions, cold traces."""

import uuid
from collections.abc import Sequence
from typing import Final

from duckdb import DuckDBPyConnection as Cursor

from collector.model.window import Window
from collector.store.queries.registry import QUERIES

_SAMPLE_SPANS: Final = 20_000


@QUERIES.question
def anything_stored(cursor: Cursor) -> bool:
    """Whether a span, a log record or a metric point is stored."""
    return bool(QUERIES.rows(cursor, "anything_stored")[0][0])


def list_function_names(cursor: Cursor, window: Window) -> list[str]:
    """Names of functions, in order: all that sent telemetry, and those of the newest spans."""
    return function_names(
        cursor, since_ns=window.since_ns, until_ns=window.until_ns, sample=_SAMPLE_SPANS, limit=500
    )


@QUERIES.question
def function_names(
    cursor: Cursor, *, since_ns: int, until_ns: int, sample: int, limit: int
) -> list[str]:
    """Names of functions of the senders and on the newest spans, in order."""
    rows = QUERIES.rows(
        cursor,
        "function_names",
        since_ns=since_ns,
        until_ns=until_ns,
        sample=sample,
        limit=limit,
    )
    return [row[0] for row in rows]


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
