"""How many event traces began, over time: what figures for each of them are divided by."""

from duckdb import DuckDBPyConnection as Cursor

from collector.model.window import Window
from collector.store.queries.registry import QUERIES


def count_event_steps(cursor: Cursor, window: Window, step_ns: int) -> dict[int, int]:
    """By begin of step (a multiple of ``step_ns``): how many began in it; none is left out."""
    return event_steps(cursor, since_ns=window.since_ns, until_ns=window.until_ns, step_ns=step_ns)


@QUERIES.question
def event_steps(cursor: Cursor, *, since_ns: int, until_ns: int, step_ns: int) -> dict[int, int]:
    """Counts of event traces by step of time."""
    rows = QUERIES.rows(
        cursor, "event_steps", since_ns=since_ns, until_ns=until_ns, step_ns=step_ns
    )
    return dict(rows)
