"""What rules ask beside the health of functions and queues: when something was last seen."""

from duckdb import DuckDBPyConnection as Cursor

from collector.store.queries.registry import QUERIES


@QUERIES.question
def function_last_seen(
    cursor: Cursor, *, since_ns: int, until_ns: int
) -> list[tuple[str, str | None, int]]:
    """Functions, their provider, and when the last invocation of each began, within the window."""
    return [
        (function, provider, last_ns)
        for function, provider, last_ns in QUERIES.rows(
            cursor, "function_last_seen", since_ns=since_ns, until_ns=until_ns
        )
    ]
