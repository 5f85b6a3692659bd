"""Lists of traces: newest first, by window and filters, a page at a time."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from duckdb import DuckDBPyConnection as Cursor

from collector.model import cursor as pages
from collector.model.search import Search
from collector.model.span import TracePage, TraceSummary
from collector.model.window import NS_PER_S, Window
from collector.store.queries.registry import QUERIES, capped
from collector.store.queries.slices import slice_starts

REACH_NS: Final = 3600 * NS_PER_S
"""How far beyond what was asked for the rest of a trace is sought."""

_LAST_TRACE: Final = uuid.UUID(int=2**128 - 1)

_Candidates: TypeAlias = list[tuple[uuid.UUID, int]]


def list_traces(
    cursor: Cursor,
    window: Window,
    *,
    search: Search | None = None,
    function: str | None = None,
    status: str | None = None,
    min_duration_ns: int | None = None,
    limit: int = 50,
    page_cursor: str | None = None,
) -> TracePage:
    """Traces that have a span starting in the window and one in it that matches the filters.

    Their order is by their first span within the window, newest first; the cursor carries that
    order's place and the window, so pages neither repeat nor skip while data arrives. ``status``
    is "ok", "error" or None.

    Raises:
        BadQuestion: the cursor is not one of this list.
    """
    before = (window.until_ns, _LAST_TRACE)
    if page_cursor is not None:
        window, before = _read_cursor(page_cursor)
    wanted = capped(limit)
    filters = _Filters(search or Search(), function, status, min_duration_ns)
    found = _newest(cursor, window, before, filters, wanted + 1)
    kept = found[:wanted]
    more = pages.write(*_key(window, kept[-1])) if len(found) > wanted else None
    return TracePage(_summaries(cursor, kept, window), more)


@dataclass(frozen=True, slots=True)
class _Filters:
    search: Search
    function: str | None
    status: str | None
    min_duration_ns: int | None


def _newest(
    cursor: Cursor,
    window: Window,
    before: tuple[int, uuid.UUID],
    filters: _Filters,
    wanted: int,
) -> _Candidates:
    found: _Candidates = []
    for slice_ns in slice_starts(window.since_ns, before[0]):
        found = trace_candidates(
            cursor,
            slice_ns=slice_ns,
            until_ns=window.until_ns,
            before_ns=before[0],
            before_trace_id=before[1],
            function=filters.function,
            status=filters.status,
            min_duration_ns=filters.min_duration_ns,
            trace_id=filters.search.trace_id,
            limit=wanted,
            **filters.search.parameters(),
        )
        if slice_ns > window.since_ns:
            found = _begun_in_slice(cursor, found, window.since_ns, slice_ns)
        if len(found) >= wanted:
            break
    return found


def _begun_in_slice(
    cursor: Cursor, found: _Candidates, since_ns: int, slice_ns: int
) -> _Candidates:
    if not found:
        return found
    older = traces_seen_before(
        cursor, since_ns=since_ns, slice_ns=slice_ns, trace_ids=[trace for trace, _ in found]
    )
    return [candidate for candidate in found if candidate[0] not in older]


def _summaries(cursor: Cursor, candidates: _Candidates, window: Window) -> tuple[TraceSummary, ...]:
    if not candidates:
        return ()
    rows = trace_summaries(
        cursor,
        since_ns=candidates[-1][1] - REACH_NS,
        until_ns=window.until_ns + REACH_NS,
        trace_ids=[trace for trace, _ in candidates],
    )
    by_id = {row.trace_id: row for row in rows}
    return tuple(by_id[trace.hex] for trace, _ in candidates if trace.hex in by_id)


def _key(window: Window, candidate: tuple[uuid.UUID, int]) -> tuple[int | str, ...]:
    return window.since_ns, window.until_ns, candidate[1], candidate[0].hex


def _read_cursor(text: str) -> tuple[Window, tuple[int, uuid.UUID]]:
    since_ns, until_ns, first_ns, trace_id = pages.read(text, (int, int, int, str))
    return Window(int(since_ns), int(until_ns)), (int(first_ns), pages.read_uuid(str(trace_id)))


@QUERIES.question
def trace_candidates(
    cursor: Cursor,
    *,
    slice_ns: int,
    until_ns: int,
    before_ns: int,
    before_trace_id: uuid.UUID,
    function: str | None,
    status: str | None,
    min_duration_ns: int | None,
    text: str | None,
    span_id: int | None,
    trace_id: uuid.UUID | None,
    keys: Sequence[str],
    values: Sequence[str],
    limit: int,
) -> _Candidates:
    """The newest traces that begin in a slice of time and match: id and first start (ns)."""
    return QUERIES.rows(
        cursor,
        "trace_candidates",
        slice_ns=slice_ns,
        until_ns=until_ns,
        before_ns=before_ns,
        before_trace_id=before_trace_id,
        function=function,
        status=status,
        min_duration_ns=min_duration_ns,
        text=text,
        span_id=span_id,
        trace_id=trace_id,
        keys=list(keys),
        values=list(values),
        limit=limit,
    )


@QUERIES.question
def traces_seen_before(
    cursor: Cursor, *, since_ns: int, slice_ns: int, trace_ids: Sequence[uuid.UUID]
) -> set[uuid.UUID]:
    """Those of the traces that have a span from ``since_ns`` to before ``slice_ns``."""
    rows = QUERIES.rows(
        cursor,
        "traces_seen_before",
        since_ns=since_ns,
        slice_ns=slice_ns,
        trace_ids=list(trace_ids),
    )
    return {row[0] for row in rows}


@QUERIES.question
def trace_summaries(
    cursor: Cursor, *, since_ns: int, until_ns: int, trace_ids: Sequence[uuid.UUID]
) -> list[TraceSummary]:
    """One summary for each of the traces, over its spans that start in the range."""
    rows = QUERIES.rows(
        cursor,
        "trace_summaries",
        since_ns=since_ns,
        until_ns=until_ns,
        trace_ids=list(trace_ids),
    )
    return [
        TraceSummary(
            trace_id=row[0],
            start_ns=row[1],
            duration_ns=row[2],
            root_name=row[3],
            root_function=row[4] or None,
            functions=tuple(row[5] or ()),
            services=tuple(row[6] or ()),
            span_count=row[7],
            error_count=row[8],
        )
        for row in rows
    ]
