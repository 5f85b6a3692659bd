"""What functions handed back of the batches of messages they took, though they ended well."""

from dataclasses import dataclass

from duckdb import DuckDBPyConnection as Cursor

from collector.model.window import Window
from collector.store.queries.registry import MAX_ROWS, QUERIES


@dataclass(frozen=True, slots=True)
class HandedBack:
    """``message_count`` messages of ``batch_count`` batches (None: not told).

    ``evidence``: "messages", "logs" or "metrics".
    """

    message_count: int
    batch_count: int | None
    evidence: str


def read_batches(
    cursor: Cursor, window: Window, function: str | None = None
) -> dict[str, HandedBack]:
    """By function, those of which nothing tells that they took a batch left out."""
    place = {"since_ns": window.since_ns, "until_ns": window.until_ns}
    if not batch_tellers(cursor, **place, function=function):
        return {}
    return function_batches(cursor, **place, function=function, limit=MAX_ROWS)


@QUERIES.question
def batch_tellers(cursor: Cursor, *, since_ns: int, until_ns: int, function: str | None) -> bool:
    """Whether anything tells of batches."""
    rows = QUERIES.rows(
        cursor, "batch_tellers", since_ns=since_ns, until_ns=until_ns, function=function
    )
    return bool(rows)


@QUERIES.question
def function_batches(
    cursor: Cursor, *, since_ns: int, until_ns: int, function: str | None, limit: int
) -> dict[str, HandedBack]:
    """What is told of each function, or of one."""
    rows = QUERIES.rows(
        cursor,
        "function_batches",
        since_ns=since_ns,
        until_ns=until_ns,
        function=function,
        limit=limit,
    )
    return {name: HandedBack(*told) for name, *told in rows}
