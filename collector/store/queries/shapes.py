"""Flow shapes: event traces grouped by the path they took, beside the period before."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from duckdb import DuckDBPyConnection as Cursor

from collector.model.event_filter import EventFilter
from collector.model.event_list import Shape
from collector.model.window import Window
from collector.store.queries.registry import QUERIES, capped
from collector.store.queries.seen import list_function_names


def list_shapes(
    cursor: Cursor, window: Window, filters: EventFilter, *, limit: int = 100
) -> list[Shape]:
    """The paths taken in the window, the most frequent first.

    Of the filters the function and the text (a piece of the path) are heeded.
    """
    before_ns = window.since_ns - window.length_ns
    found = event_shapes(
        cursor,
        before_ns=before_ns,
        since_ns=window.since_ns,
        until_ns=window.until_ns,
        functions=filters.functions_of(list_function_names(cursor, Window.all_time())),
        text=filters.search.text,
        limit=capped(limit),
    )
    first_ns = first_event_trace(cursor)
    if first_ns is not None and first_ns <= before_ns:
        return found
    return [_without_before(shape) for shape in found]


@QUERIES.question
def event_shapes(
    cursor: Cursor,
    *,
    before_ns: int,
    since_ns: int,
    until_ns: int,
    functions: Sequence[str] | None,
    text: str | None,
    limit: int,
) -> list[Shape]:
    """One row a path, as if all of the period before were stored."""
    rows = QUERIES.records(
        cursor,
        "event_shapes",
        before_ns=before_ns,
        since_ns=since_ns,
        until_ns=until_ns,
        functions=functions,
        text=text,
        limit=limit,
    )
    return [_shape(row) for row in rows]


@QUERIES.question
def first_event_trace(cursor: Cursor) -> int | None:
    """When the oldest event trace kept began (ns)."""
    start_ns: int | None = QUERIES.rows(cursor, "first_event_trace")[0][0]
    return start_ns


def _without_before(shape: Shape) -> Shape:
    return replace(
        shape,
        event_count_before=None,
        failed_count_before=None,
        p50_before_ns=None,
        p99_before_ns=None,
    )


def _shape(row: dict[str, Any]) -> Shape:
    now = row["durations_ns"] or (None, None)
    before = row["durations_before_ns"] or (None, None)
    return Shape(
        shape_id=row["shape_id"],
        path=tuple(row["path"] or ()),
        root_function=row["root_function"],
        event_count=row["event_count"],
        error_count=row["error_count"],
        dead_lettered_count=row["dead_lettered_count"],
        open_count=row["open_count"],
        share=row["event_count"] / row["total_count"] if row["total_count"] else 0.0,
        p50_ns=now[0],
        p99_ns=now[1],
        wait_p50_ns=row["wait_ns"],
        last_ns=row["last_ns"],
        event_count_before=row["event_count_before"],
        failed_count_before=row["failed_count_before"],
        p50_before_ns=before[0],
        p99_before_ns=before[1],
    )
