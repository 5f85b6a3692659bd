"""Lists of event traces: by window and filters, in several orders, a page at a time; and a sample.

A search by attributes goes through the spans. In order of time it reads them from the newest end
in slices that widen until a page is full; in another order it reads the whole window.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from duckdb import DuckDBPyConnection as Cursor

from collector.model import cursor as pages
from collector.model.costs.pricing import Pricing
from collector.model.event_filter import SORTS, EventFilter
from collector.model.event_list import EventPage, EventPoint, StatusCount
from collector.model.event_trace import EventTraceSummary
from collector.model.window import ALL_TIME_NS, NS_PER_S, Window
from collector.store.queries.cost_rates import Rates
from collector.store.queries.event_costs import listed_rates, with_costs
from collector.store.queries.event_lookup import find_event_traces
from collector.store.queries.registry import QUERIES, capped
from collector.store.queries.seen import list_function_names
from collector.store.queries.slices import slice_starts

REACH_NS: Final = 24 * 3600 * NS_PER_S
"""How long after the window's end spans of event traces that began in it are sought."""

MOST_FOUND: Final = 20_000
"""A search by attributes or names finds no more event traces than this, the newest."""

_LAST_ID: Final = 2**64 - 1


def list_event_traces(
    cursor: Cursor,
    window: Window,
    filters: EventFilter,
    *,
    sort: str = "start",
    limit: int = 50,
    page_cursor: str | None = None,
    pricing: Pricing | None = None,
) -> EventPage:
    """Event traces that began in the window and match, those with the greatest ``sort`` first.

    With ``pricing`` each has its cost, and "cost" is an order; without, costs are unknown.

    The cursor carries the place in the list and the window, so pages neither repeat nor skip
    while data arrives.

    Raises:
        BadQuestion: the cursor is not one of this list in this order.
    """
    before: tuple[int, int] | None = None
    if page_cursor is not None:
        window, before = _read_cursor(page_cursor, sort)
    wanted = capped(limit)
    narrowed = _narrowed(cursor, filters)
    found: list[tuple[EventTraceSummary, int]] = []
    for since_ns in _slices(window, narrowed, sort, before):
        page: dict[str, Any] = {
            "before_rank": before[0] if before else None,
            "before_id": before[1] if before else None,
            "limit": wanted + 1,
            **_parameters(cursor, Window(since_ns, window.until_ns), narrowed),
        }
        if sort == "cost" and pricing is not None:
            found = _by_cost(cursor, window, pricing, page)
        else:
            found = event_trace_list(cursor, sort=sort, **page)
        if len(found) > wanted:
            break
    kept = found[:wanted]
    more = _write_cursor(window, sort, kept[-1]) if len(found) > wanted else None
    rows = [row for row, _ in kept]
    return EventPage(tuple(with_costs(cursor, rows, pricing) if pricing else rows), more)


def _by_cost(
    cursor: Cursor, window: Window, pricing: Pricing, page: dict[str, Any]
) -> list[tuple[EventTraceSummary, int]]:
    wide = Window(window.since_ns, window.until_ns + REACH_NS)
    rates = listed_rates(cursor, Rates(cursor, wide, pricing))
    return event_traces_by_cost(cursor, reach_ns=wide.until_ns, **rates, **page)


def survey_event_traces(
    cursor: Cursor, window: Window, filters: EventFilter, *, limit: int = 1000, steps: int = 60
) -> tuple[list[EventPoint], list[StatusCount]]:
    """A sample of those that match, and how many all of them are.

    The sample: at most ``limit`` that failed and as many that did not, in order of time. The
    counts: how many began in each of about ``steps`` steps of the window, by outcome.
    """
    parameters = _parameters(cursor, window, _narrowed(cursor, filters))
    step_ns = max(1, -(-window.length_ns // steps))
    return (
        event_trace_points(cursor, limit=limit, **parameters),
        event_trace_counts(cursor, step_ns=step_ns, **parameters),
    )


@dataclass(frozen=True, slots=True)
class _Narrowed:
    """Filters with the names and ids they mean looked up. ``ids`` of an id typed in; None: none."""

    filters: EventFilter
    functions: list[str] | None
    ids: list[int] | None


def _narrowed(cursor: Cursor, filters: EventFilter) -> _Narrowed:
    names: list[str] = []
    if filters.function and ("*" in filters.function or "?" in filters.function):
        names = list_function_names(cursor, Window.all_time())
    text = filters.search.text
    found = find_event_traces(cursor, text, Window.all_time()) if text else []
    ids = sorted({int(match.event_trace_id, 16) for match in found if match.event_trace_id})
    return _Narrowed(filters, filters.functions_of(names), ids or None)


def _slices(
    window: Window, narrowed: _Narrowed, sort: str, before: tuple[int, int] | None
) -> Sequence[int]:
    """Where to begin, one attempt after the other; the last is the whole window."""
    search = narrowed.filters.search
    through_spans = bool(search.terms) or (search.text and narrowed.ids is None)
    if sort != "start" or not through_spans:
        return [window.since_ns]
    before_ns = min(before[0] + 1, window.until_ns) if before else window.until_ns
    return list(slice_starts(window.since_ns, before_ns))


def _parameters(cursor: Cursor, window: Window, narrowed: _Narrowed) -> dict[str, Any]:
    filters, search = narrowed.filters, narrowed.filters.search
    ids = narrowed.ids
    text_ids: list[int] | None = None
    if search.terms:
        found = _through_spans(cursor, window, search.terms, None)
        ids = found if ids is None else sorted(set(ids) & set(found))
    if search.text and narrowed.ids is None:
        text_ids = _through_spans(cursor, window, (), search.text)
    return {
        "since_ns": window.since_ns,
        "until_ns": window.until_ns,
        "functions": narrowed.functions,
        "status": filters.status,
        "cold": filters.cold,
        "retried": filters.retried,
        "duplicate": filters.duplicate,
        "dead_lettered": filters.dead_lettered,
        "min_duration_ns": filters.min_duration_ns,
        "max_duration_ns": filters.max_duration_ns,
        "min_wait_ns": filters.min_wait_ns,
        "correlation_id": filters.correlation_id,
        "shape_id": filters.shape_id,
        "ids": ids,
        "text": search.text if narrowed.ids is None else None,
        "text_ids": text_ids,
    }


def _through_spans(
    cursor: Cursor, window: Window, terms: Sequence[tuple[str, str]], text: str | None
) -> list[int]:
    return event_trace_matches(
        cursor,
        since_ns=window.since_ns,
        until_ns=min(window.until_ns + REACH_NS, ALL_TIME_NS),
        text=text,
        keys=[key for key, _ in terms],
        values=[value for _, value in terms],
        limit=MOST_FOUND,
    )


def _write_cursor(window: Window, sort: str, last: tuple[EventTraceSummary, int]) -> str:
    row, rank = last
    return pages.write(window.since_ns, window.until_ns, sort, rank, row.event_trace_id)


def _read_cursor(text: str, sort: str) -> tuple[Window, tuple[int, int]]:
    since_ns, until_ns, order, rank, event_trace_id = pages.read(text, (int, int, str, int, str))
    if order != sort or order not in SORTS:
        raise pages.unreadable()
    return Window(int(since_ns), int(until_ns)), (int(rank), pages.read_id(str(event_trace_id)))


@QUERIES.question
def event_trace_list(
    cursor: Cursor,
    *,
    since_ns: int,
    until_ns: int,
    functions: Sequence[str] | None,
    status: str | None,
    cold: bool | None,
    retried: bool | None,
    duplicate: bool | None,
    dead_lettered: bool | None,
    min_duration_ns: int | None,
    max_duration_ns: int | None,
    min_wait_ns: int | None,
    correlation_id: str | None,
    shape_id: int | None,
    ids: Sequence[int] | None,
    text: str | None,
    text_ids: Sequence[int] | None,
    sort: str,
    before_rank: int | None,
    before_id: int | None,
    limit: int,
) -> list[tuple[EventTraceSummary, int]]:
    """The first event traces that match behind a place in the list, each with its own place."""
    rows = QUERIES.records(cursor, "event_trace_list", **_only_named(locals()))
    return [(summary_of(row), row["rank"]) for row in rows]


@QUERIES.question
def event_traces_by_cost(
    cursor: Cursor,
    *,
    since_ns: int,
    until_ns: int,
    reach_ns: int,
    functions: Sequence[str] | None,
    status: str | None,
    cold: bool | None,
    retried: bool | None,
    duplicate: bool | None,
    dead_lettered: bool | None,
    min_duration_ns: int | None,
    max_duration_ns: int | None,
    min_wait_ns: int | None,
    correlation_id: str | None,
    shape_id: int | None,
    ids: Sequence[int] | None,
    text: str | None,
    text_ids: Sequence[int] | None,
    before_rank: int | None,
    before_id: int | None,
    limit: int,
    rates: Sequence[dict[str, Any]],
    fees: Sequence[dict[str, Any]],
) -> list[tuple[EventTraceSummary, int]]:
    """As :func:`event_trace_list`, the dearest first, by these rates and fees."""
    asked = _only_named(locals()) | {"rates": list(rates) or None, "fees": list(fees) or None}
    rows = QUERIES.records(cursor, "event_traces_by_cost", **asked)
    return [(summary_of(row), row["rank"]) for row in rows]


@QUERIES.question
def event_trace_points(
    cursor: Cursor,
    *,
    since_ns: int,
    until_ns: int,
    functions: Sequence[str] | None,
    status: str | None,
    cold: bool | None,
    retried: bool | None,
    duplicate: bool | None,
    dead_lettered: bool | None,
    min_duration_ns: int | None,
    max_duration_ns: int | None,
    min_wait_ns: int | None,
    correlation_id: str | None,
    shape_id: int | None,
    ids: Sequence[int] | None,
    text: str | None,
    text_ids: Sequence[int] | None,
    limit: int,
) -> list[EventPoint]:
    """Start, duration and outcome of a sample of those that match."""
    rows = QUERIES.rows(cursor, "event_trace_points", **_only_named(locals()))
    return [EventPoint(*row) for row in rows]


@QUERIES.question
def event_trace_counts(
    cursor: Cursor,
    *,
    since_ns: int,
    until_ns: int,
    functions: Sequence[str] | None,
    status: str | None,
    cold: bool | None,
    retried: bool | None,
    duplicate: bool | None,
    dead_lettered: bool | None,
    min_duration_ns: int | None,
    max_duration_ns: int | None,
    min_wait_ns: int | None,
    correlation_id: str | None,
    shape_id: int | None,
    ids: Sequence[int] | None,
    text: str | None,
    text_ids: Sequence[int] | None,
    step_ns: int,
) -> list[StatusCount]:
    """How many began in each step of time, by outcome."""
    rows = QUERIES.rows(cursor, "event_trace_counts", **_only_named(locals()))
    return [StatusCount(*row) for row in rows]


@QUERIES.question
def event_trace_matches(
    cursor: Cursor,
    *,
    since_ns: int,
    until_ns: int,
    text: str | None,
    keys: Sequence[str],
    values: Sequence[str],
    limit: int,
) -> list[int]:
    """Ids of the event traces with a span that has these attributes and this in its name."""
    rows = QUERIES.rows(cursor, "event_trace_matches", **_only_named(locals()))
    return [row[0] for row in rows]


def _only_named(values: dict[str, Any]) -> dict[str, Any]:
    """The keywords of a question as its parameters."""
    return {name: value for name, value in values.items() if name != "cursor"}


def summary_of(row: dict[str, Any]) -> EventTraceSummary:
    """A row of the table ``event_traces`` as pages and API show it."""
    return EventTraceSummary(
        event_trace_id=f"{row['event_trace_id']:016x}",
        start_ns=row["start_ns"],
        duration_ns=row["end_ns"] - row["start_ns"],
        status=row["status"],
        root_function=row["root_function"],
        functions=tuple(row["functions"] or ()),
        path=tuple(row["path"] or ()),
        shape_id=f"{row['shape_id']:016x}",
        trace_ids=tuple(trace_id.hex for trace_id in row["trace_ids"] or ()),
        correlation_ids=tuple(row["correlation_ids"] or ()),
        invocation_count=row["invocation_count"],
        hop_count=row["hop_count"],
        retry_count=row["retry_count"],
        duplicate_count=row["duplicate_count"],
        cold_start_count=row["cold_start_count"],
        queue_wait_ns=row["queue_wait_ns"],
        phantom_count=row["phantom_count"],
        span_count=row["span_count"],
        error_count=row["error_count"],
        confidence=row["confidence"],
    )
