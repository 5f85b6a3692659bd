"""The log search: least severity, function, text or attribute, one trace; newest first."""

from dataclasses import dataclass
from typing import Final

from fastapi import APIRouter, Request, Response

from collector.errors import BadQuestion
from collector.model.log import LogPage, LogRecord, severity_number
from collector.model.log_line import LogLine, read_line
from collector.model.search import Search, trace_uuid
from collector.model.window import Window
from collector.store.queries.logs import list_logs, read_log
from web.api.problems import Problem
from web.site import Site, window_of
from web.urls import LogFilter

PER_PAGE: Final = 100


@dataclass(frozen=True, slots=True)
class LogsPage:
    """``cursor`` is this page's own, None at the top."""

    filters: LogFilter
    found: LogPage
    cursor: str | None


@dataclass(frozen=True, slots=True)
class RecordPage:
    """One record, and the line it is in a list."""

    record: LogRecord
    line: LogLine


def router(site: Site) -> APIRouter:
    """``/logs`` and its records."""
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
            found=_find(site, window_of(request), filters, cursor),
            cursor=cursor,
        )
        frame = site.frame(request, "Logs", "logs")
        return site.pages.response(request, "logs", page, frame, block="results")

    @routes.get("/logs/record/{key}")
    def record(request: Request, key: str) -> Response:
        found = site.ask(lambda cursor: read_log(cursor, key))
        if found is None:
            raise Problem(
                404, "this log record is not stored any more: it may be older than the retention"
            )
        frame = site.frame(request, "Log record", "logs")
        page = RecordPage(found, read_line(found))
        return site.pages.response(request, "log", page, frame, block="record")

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
