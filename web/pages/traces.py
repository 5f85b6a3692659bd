"""The trace search: every filter in the URL, a list by pages, and a scatter of what was found.

The scatter shows more than a page of the list and comes after it, so that the list never waits.
"""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from duckdb import DuckDBPyConnection as Cursor
from fastapi import APIRouter, Request, Response

from collector.errors import BadQuestion
from collector.model.search import Search
from collector.model.span import TracePage
from collector.model.window import Window
from collector.store.queries.seen import traces_with_cold_start
from collector.store.queries.traces import list_traces
from web import charts
from web.site import Site, window_of
from web.urls import TraceFilter

PER_PAGE: Final = 50

# As many as the store gives at once: 38 ms against 23 ms for a page of 50 (2,255 traces stored).
IN_CHART: Final = 1000


@dataclass(frozen=True, slots=True)
class TracesPage:
    """``longest_ns`` scales the duration bars; ``cursor`` is this page's own, None at the top.

    ``cold`` are the ids of those traces that hold a cold start.
    """

    filters: TraceFilter
    found: TracePage
    cold: frozenset[str]
    longest_ns: int
    cursor: str | None


@dataclass(frozen=True, slots=True)
class ChartPage:
    """``more``: the search has others beyond the newest ``shown``.

    ``fitted_ns`` is the length of the time axis where it shows less than the range asked for.
    """

    figure: charts.Figure
    shown: int
    error_count: int
    more: bool
    fitted_ns: int | None


def router(site: Site) -> APIRouter:
    """``/traces`` and its chart."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/traces")
    def traces(
        request: Request,
        q: str = "",
        function: str = "",
        status: str = "",
        min_duration_ms: str = "",
        cursor: str | None = None,
    ) -> Response:
        window = window_of(request)
        filters = TraceFilter(q.strip(), function.strip(), status, min_duration_ms.strip())
        found = _find(site, window, filters, PER_PAGE, cursor)
        page = TracesPage(
            filters=filters,
            found=found,
            cold=site.ask(lambda connection: _cold(connection, found)),
            longest_ns=max((trace.duration_ns for trace in found.traces), default=0),
            cursor=cursor,
        )
        frame = site.frame(request, "Traces", "traces", charts=True)
        return site.pages.response(request, "traces", page, frame, block="results")

    @routes.get("/traces/chart")
    def chart(
        request: Request,
        q: str = "",
        function: str = "",
        status: str = "",
        min_duration_ms: str = "",
    ) -> Response:
        window = window_of(request)
        filters = TraceFilter(q.strip(), function.strip(), status, min_duration_ms.strip())
        page = _chart(_find(site, window, filters, IN_CHART), window)
        frame = site.frame(request, "Traces", "traces", charts=True)
        return site.pages.response(request, "traces_chart", page, frame, block="chart")

    return routes


def _find(
    site: Site, window: Window, filters: TraceFilter, limit: int, cursor: str | None = None
) -> TracePage:
    return site.ask(
        lambda connection: list_traces(
            connection,
            window,
            search=Search.parse(filters.q),
            function=filters.function or None,
            status=filters.status or None,
            min_duration_ns=_nanoseconds(filters.min_duration_ms),
            limit=limit,
            page_cursor=cursor,
        )
    )


def _chart(found: TracePage, window: Window) -> ChartPage:
    part = charts.fitted([trace.start_ns for trace in found.traces], window)
    return ChartPage(
        figure=charts.trace_scatter(found.traces, part or window),
        shown=len(found.traces),
        error_count=sum(trace.status == "error" for trace in found.traces),
        more=found.next_cursor is not None,
        fitted_ns=part.length_ns if part else None,
    )


def _cold(connection: Cursor, found: TracePage) -> frozenset[str]:
    """Sought from the first start to the last end of the traces found."""
    if not found.traces:
        return frozenset()
    return traces_with_cold_start(
        connection,
        since_ns=min(trace.start_ns for trace in found.traces),
        until_ns=max(trace.start_ns + trace.duration_ns for trace in found.traces) + 1,
        trace_ids=[UUID(hex=trace.trace_id) for trace in found.traces],
    )


def _nanoseconds(milliseconds: str) -> int | None:
    try:
        return int(float(milliseconds) * 1e6) if milliseconds else None
    except (ValueError, OverflowError) as error:
        raise BadQuestion(
            f"least duration {milliseconds[:40]!r} is not a number: give milliseconds, such as 250"
        ) from error
