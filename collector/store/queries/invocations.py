"""Invocations one by one: the slowest and the failed of a function, and how it failed."""

from typing import Any

from duckdb import DuckDBPyConnection as Cursor

from collector.model.health import ErrorType, FunctionInvocations, InvocationRow
from collector.model.window import Window
from collector.store.queries.registry import QUERIES, capped


def read_function_invocations(
    cursor: Cursor, name: str, window: Window, *, limit: int = 10
) -> FunctionInvocations:
    """The slowest invocations of a function that began in the window, and the newest failed."""
    place: dict[str, Any] = {
        "function": name,
        "since_ns": window.since_ns,
        "until_ns": window.until_ns,
    }
    most = capped(limit)
    return FunctionInvocations(
        slowest=tuple(function_invocations(cursor, **place, failed=False, limit=most)),
        failed=tuple(function_invocations(cursor, **place, failed=True, limit=most)),
    )


@QUERIES.question
def function_invocations(
    cursor: Cursor, *, function: str, since_ns: int, until_ns: int, failed: bool, limit: int
) -> list[InvocationRow]:
    """The newest failed invocations of a function, or its slowest."""
    rows = QUERIES.rows(
        cursor,
        "function_invocations",
        function=function,
        since_ns=since_ns,
        until_ns=until_ns,
        failed=failed,
        limit=limit,
    )
    return [InvocationRow(*row) for row in rows]


@QUERIES.question
def function_errors(
    cursor: Cursor, *, function: str, since_ns: int, until_ns: int, limit: int
) -> list[ErrorType]:
    """How invocations of a function failed, the most frequent way first."""
    rows = QUERIES.rows(
        cursor,
        "function_errors",
        function=function,
        since_ns=since_ns,
        until_ns=until_ns,
        limit=limit,
    )
    return [ErrorType(*row) for row in rows]
