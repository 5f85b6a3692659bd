"""The trace search: every filter in the URL, a scatter of what was found, and the list."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from duckdb import DuckDBPyConnection as Cursor
from fastapi import APIRouter, Request, Response

from collector.errors import BadQuestion
from collector.model.search import Search
from collector.model.span import TracePage
from collector.store.queries.seen import function_names, traces_with_cold_start
from collector.store.queries.traces import list_traces
from web import charts
from web.site import Site, window_of
from web.urls import TraceFilter

PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class TracesPage:
    """``longest_ns`` scales the duration bars; ``cursor`` is this page's own, None at the top.

    ``cold`` are the ids of those traces that hold a cold start.
    """

    filters: TraceFilter
    functions: Sequence[str]
    found: TracePage
    cold: frozenset[str]
    figure: charts.Figure
    longest_ns: int
    cursor: str | None


def router(site: Site) -> APIRouter:
    """``/traces``."""
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
        found = site.ask(
            lambda connection: list_traces(
                connection,
                window,
                search=Search.parse(filters.q),
                function=filters.function or None,
                status=filters.status or None,
                min_duration_ns=_nanoseconds(filters.min_duration_ms),
                limit=PER_PAGE,
                page_cursor=cursor,
            )
        )
        page = TracesPage(
            filters=filters,
            functions=site.ask(function_names),
            found=found,
            cold=site.ask(lambda connection: _cold(connection, found)),
            figure=charts.trace_scatter(found.traces, window),
            longest_ns=max((trace.duration_ns for trace in found.traces), default=0),
            cursor=cursor,
        )
        frame = site.frame(request, "Traces", "traces", charts=True)
        return site.pages.response(request, "traces", page, frame, block="results")

    return routes


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
