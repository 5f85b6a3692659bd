"""What objectives are judged by: how many invocations or event traces were good, of how many."""

from duckdb import DuckDBPyConnection as Cursor

from collector.store.queries.registry import QUERIES

Counted = dict[str, tuple[int, int]]
"""By function, or by the function that event traces began with: good ones, and all."""


@QUERIES.question
def latency_counts(cursor: Cursor, *, since_ns: int, until_ns: int, most_ns: int) -> Counted:
    """Invocations that took no longer than ``most_ns``, of those whose duration was told."""
    rows = QUERIES.rows(
        cursor, "latency_counts", since_ns=since_ns, until_ns=until_ns, most_ns=most_ns
    )
    return {function: (good, total) for function, good, total in rows}


@QUERIES.question
def outcome_counts(
    cursor: Cursor,
    *,
    since_ns: int,
    until_ns: int,
    now_ns: int,
    reach: str | None,
    within_ns: int | None,
) -> Counted:
    """Event traces that began in the window and came to what was promised.

    ``reach``: a pattern of LIKE that the name of a function matches which must have had a part.
    """
    rows = QUERIES.rows(
        cursor,
        "outcome_counts",
        since_ns=since_ns,
        until_ns=until_ns,
        now_ns=now_ns,
        reach=reach,
        within_ns=within_ns,
    )
    return {root: (good, total) for root, good, total in rows}
