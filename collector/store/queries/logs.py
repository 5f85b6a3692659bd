"""Log records: newest first, by window and filters, a page at a time."""

import re
import uuid
from collections.abc import Mapping, Sequence
from typing import Any, Final

from duckdb import DuckDBPyConnection as Cursor

from collector.model import cursor as pages
from collector.model.attributes import restore, restore_value
from collector.model.log import LogPage, LogRecord
from collector.model.log_line import level_pattern
from collector.model.search import Search
from collector.model.window import Window
from collector.store.queries.registry import QUERIES, capped
from collector.store.queries.slices import slice_starts

_LAST_SEQ: Final = 2**63 - 1
_DIGEST: Final = 12  # hex digits; only records of one time and one export are told apart by it
_KEY: Final = re.compile(
    rf"(\d{{1,18}}|[1-8]\d{{18}})-(\d{{1,18}})-([0-9a-f]{{{_DIGEST}}})", re.ASCII
)


def list_logs(
    cursor: Cursor,
    window: Window,
    *,
    search: Search | None = None,
    function: str | None = None,
    least_severity: int = 0,
    trace_id: uuid.UUID | None = None,
    limit: int = 100,
    page_cursor: str | None = None,
) -> LogPage:
    """Log records of the window that match the filters, newest first.

    A record without a severity has the one its text names (:func:`level_pattern`).

    The cursor carries the window and the place (time, export, how many of that export at that
    time were given), so pages neither repeat nor skip while records arrive.

    Raises:
        BadQuestion: the cursor is not one of this list.
    """
    place = (window.until_ns - 1, _LAST_SEQ, 0)
    if page_cursor is not None:
        since_ns, until_ns, *key = (int(part) for part in pages.read(page_cursor, (int,) * 5))
        window, place = Window(since_ns, until_ns), (key[0], key[1], max(0, key[2]))
    wanted = capped(limit)
    rows: list[dict[str, Any]] = []
    for slice_ns in slice_starts(window.since_ns, place[0]):
        rows = log_candidates(
            cursor,
            slice_ns=slice_ns,
            until_ns=window.until_ns,
            before_ns=place[0],
            before_seq=place[1],
            skip=place[2],
            function=function,
            least_severity=least_severity,
            unset_pattern=level_pattern(least_severity),
            trace_id=trace_id,
            text_trace_id=search.trace_id if search else None,
            limit=wanted + 1,
            **(search or Search()).parameters(),
        )
        if len(rows) > wanted:
            break
    more = _cursor_after(window, place, rows[:wanted]) if len(rows) > wanted else None
    return LogPage(tuple(record(row) for row in rows[:wanted]), more)


def read_log(cursor: Cursor, key: str) -> LogRecord | None:
    """The record with this key; None when it is not stored (any more), or this is no key."""
    parts = _KEY.fullmatch(key)
    if parts is None:
        return None
    return log_record(cursor, time_ns=int(parts[1]), export_seq=int(parts[2]), digest=parts[3])


def _cursor_after(
    window: Window, place: tuple[int, int, int], rows: Sequence[Mapping[str, Any]]
) -> str:
    last = (rows[-1]["time_ns"], rows[-1]["export_seq"])
    given = sum((row["time_ns"], row["export_seq"]) == last for row in rows)
    if last == place[:2]:
        given += place[2]
    return pages.write(window.since_ns, window.until_ns, *last, given)


def record(row: Mapping[str, Any]) -> LogRecord:
    """One log record from a row by column name."""
    return LogRecord(
        time_ns=row["time_ns"],
        severity_number=row["severity"] or 0,
        severity_text=row["severity_text"] or None,
        body=restore_value(row["body"], row["body_type"]),
        event_name=row["event_name"] or None,
        trace_id=row["trace_id"],
        span_id=row["span_id"],
        function=row["function"],
        service=row["service"],
        invocation_id=row["invocation_id"],
        correlation_id=row["correlation_id"],
        attributes=restore(row["attributes"], row["attribute_types"]),
        resource_attributes=restore(row["resource_attributes"], row["resource_types"]),
        key=f"{row['time_ns']}-{row['export_seq']}-{row['digest'][:_DIGEST]}",
    )


@QUERIES.question
def log_candidates(
    cursor: Cursor,
    *,
    slice_ns: int,
    until_ns: int,
    before_ns: int,
    before_seq: int,
    skip: int,
    function: str | None,
    least_severity: int,
    unset_pattern: str,
    trace_id: uuid.UUID | None,
    text: str | None,
    span_id: int | None,
    text_trace_id: uuid.UUID | None,
    keys: Sequence[str],
    values: Sequence[str],
    limit: int,
) -> list[dict[str, Any]]:
    """The newest records of a slice of time at or before a place, as rows by column name."""
    return QUERIES.records(
        cursor,
        "log_candidates",
        slice_ns=slice_ns,
        until_ns=until_ns,
        before_ns=before_ns,
        before_seq=before_seq,
        skip=skip,
        function=function,
        least_severity=least_severity,
        unset_pattern=unset_pattern,
        trace_id=trace_id,
        text=text,
        span_id=span_id,
        text_trace_id=text_trace_id,
        keys=list(keys),
        values=list(values),
        limit=limit,
    )


@QUERIES.question
def log_record(cursor: Cursor, *, time_ns: int, export_seq: int, digest: str) -> LogRecord | None:
    """The record of this time and export whose digest begins so."""
    rows = QUERIES.records(
        cursor, "log_record", time_ns=time_ns, export_seq=export_seq, digest=digest
    )
    return record(rows[0]) if rows else None
