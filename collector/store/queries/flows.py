"""Flows as rules watch them: event traces by what they began with, and by the path they took."""

from collections.abc import Sequence
from typing import Any

from duckdb import DuckDBPyConnection as Cursor

from collector.model.flow import FlowFigures, Flows
from collector.model.repeated import RepeatedWork, Repeats
from collector.model.window import Window
from collector.store.queries.registry import MAX_ROWS, QUERIES


def list_flows(cursor: Cursor, window: Window) -> Flows:
    """How the event traces that began in a window ended."""
    rows = flow_figures(
        cursor, since_ns=window.since_ns, until_ns=window.until_ns, limit=2 * MAX_ROWS
    )
    return Flows(
        roots=tuple(_figures(row) for row in rows if row["kind"] == "root"),
        shapes=tuple(_figures(row) for row in rows if row["kind"] == "shape"),
        whole=next((_figures(row) for row in rows if row["kind"] == "all"), None),
    )


def list_new_shapes(cursor: Cursor, window: Window) -> list[FlowFigures]:
    """Paths first taken in a window, through a function a new version of which began in it."""
    rows = new_shapes(cursor, since_ns=window.since_ns, until_ns=window.until_ns, limit=MAX_ROWS)
    return [
        FlowFigures(row["root_function"], row["shape_id"], tuple(row["path"] or ()), row["events"])
        for row in rows
    ]


@QUERIES.question
def flow_figures(
    cursor: Cursor, *, since_ns: int, until_ns: int, limit: int
) -> Sequence[dict[str, Any]]:
    """By function begun with, by path, and of all; columns as in the file."""
    return QUERIES.records(
        cursor, "flow_figures", since_ns=since_ns, until_ns=until_ns, limit=limit
    )


@QUERIES.question
def new_shapes(
    cursor: Cursor, *, since_ns: int, until_ns: int, limit: int
) -> Sequence[dict[str, Any]]:
    """New paths after a deployment, the most taken first."""
    return QUERIES.records(cursor, "new_shapes", since_ns=since_ns, until_ns=until_ns, limit=limit)


@QUERIES.question
def repeated_work(
    cursor: Cursor, *, since_ns: int, until_ns: int, limit: int
) -> list[RepeatedWork]:
    """Of each function and of each flow: retries, duplicates, and where they were."""
    rows = QUERIES.records(
        cursor, "repeated_work", since_ns=since_ns, until_ns=until_ns, limit=limit
    )
    return [
        RepeatedWork(
            name=row["name"],
            is_flow=row["kind"] == "root",
            event_count=row["events"],
            ok_count=row["succeeded"],
            retry_count=row["retries"] or 0,
            duplicate_count=row["duplicates"] or 0,
            duration_p95_ns=row["duration_p95_ns"],
            duplicated_ids=tuple(row["duplicated_ids"] or ()),
            retried_ids=tuple(row["retried_ids"] or ()),
            slowest_ids=tuple(row["slowest_ids"] or ()),
            functions=tuple(sorted(row["functions"] or ())),
            queues=tuple(sorted(part[1:-1] for part in row["parts"] or () if part.startswith("["))),
        )
        for row in rows
    ]


@QUERIES.question
def repeated_handlings(
    cursor: Cursor, *, since_ns: int, until_ns: int, limit: int
) -> dict[str, Repeats]:
    """By function: what it handled again itself; functions that did not are missing."""
    rows = QUERIES.rows(
        cursor, "repeated_handlings", since_ns=since_ns, until_ns=until_ns, limit=limit
    )
    return {
        name: Repeats(retries, duplicates, unsure, tuple(retried or ()), tuple(duplicated or ()))
        for name, retries, duplicates, unsure, retried, duplicated in rows
    }


def _figures(row: dict[str, Any]) -> FlowFigures:
    kind = row["kind"]
    return FlowFigures(
        root_function=row["any_root_function"] or None,
        shape_id=row["shape_id"] if kind == "shape" else None,
        path=tuple(row["path"] or ()) if kind == "shape" else (),
        event_count=row["events"],
        ok_count=row["succeeded"],
        error_count=row["errors"],
        dead_lettered_count=row["dead_lettered"],
        open_count=row["open"],
        duration_p95_ns=row["duration_p95_ns"],
        last_ns=row["last_ns"],
    )
