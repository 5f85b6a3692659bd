"""The log search: least severity, function, text or attribute, one trace; newest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from fastapi import APIRouter, Request, Response

from collector.errors import BadQuestion
from collector.model.log import LogPage, severity_number
from collector.model.search import Search, trace_uuid
from collector.model.window import Window
from collector.store.queries.logs import list_logs
from collector.store.queries.seen import function_names
from web.site import Site, window_of
from web.urls import LogFilter

PER_PAGE: Final = 100


@dataclass(frozen=True, slots=True)
class LogsPage:
    """``cursor`` is this page's own, None at the top."""

    filters: LogFilter
    functions: Sequence[str]
    found: LogPage
    cursor: str | None


def router(site: Site) -> APIRouter:
    """``/logs``."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/logs")
    def logs(
        request: Request,
        q: str = "",
        function: str = "",
        severity: str = "",
        trace_id: str = "",
        cursor: str | None = None,
    ) -> Response:
        filters = LogFilter(q.strip(), function.strip(), severity, trace_id.strip())
        page = LogsPage(
            filters=filters,
            functions=site.ask(function_names),
            found=_find(site, window_of(request), filters, cursor),
            cursor=cursor,
        )
        frame = site.frame(request, "Logs", "logs")
        return site.pages.response(request, "logs", page, frame, block="results")

    return routes


def _find(site: Site, window: Window, filters: LogFilter, cursor: str | None) -> LogPage:
    trace_id = trace_uuid(filters.trace_id) if filters.trace_id else None
    if filters.trace_id and trace_id is None:
        raise BadQuestion("trace_id is not a trace id: give its 32 hex digits")
    return site.ask(
        lambda connection: list_logs(
            connection,
            window,
            search=Search.parse(filters.q),
            function=filters.function or None,
            least_severity=severity_number(filters.severity) if filters.severity else 0,
            trace_id=trace_id,
            limit=PER_PAGE,
            page_cursor=cursor,
        )
    )
