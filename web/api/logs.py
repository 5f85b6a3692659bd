"""``/api/v1/logs``: log records, newest first."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from collector.errors import BadQuestion
from collector.model.log import severity_number
from collector.model.search import Search, trace_uuid
from collector.service import Service
from collector.store.queries.logs import list_logs
from web.api.parameters import Limit, PageCursor, Text, WindowParam, answer
from web.api.shapes import LogList, log_json

_Q = (
    "A piece of the body, an id (trace, span, invocation, correlation), or key=value terms "
    "(attributes of the record or its resource, all must hold)"
)


def router(service: Service) -> APIRouter:
    """The call about log records."""
    routes = APIRouter(tags=["logs"])

    @routes.get("/logs", responses={200: {"model": LogList}})
    def logs(
        window: WindowParam,
        q: Annotated[str | None, Query(description=_Q, max_length=2000)] = None,
        function: Text = None,
        severity: Annotated[
            str | None, Query(description="Least severity: trace … fatal, or 1 to 24")
        ] = None,
        trace_id: Annotated[str | None, Query(description="Plain or X-Ray form")] = None,
        limit: Limit = 100,
        cursor: PageCursor = None,
    ) -> Response:
        """Log records of the window that match the filters, newest first."""
        search, least = Search.parse(q), severity_number(severity) if severity else 0
        trace = trace_uuid(trace_id) if trace_id else None
        if trace_id and trace is None:
            raise BadQuestion(
                f"trace_id {trace_id[:80]!r} is not 32 hex digits, nor 1-8-24 as in X-Ray"
            )
        page = service.ask(
            lambda store: list_logs(
                store,
                window,
                search=search,
                function=function or None,
                least_severity=least,
                trace_id=trace,
                limit=limit,
                page_cursor=cursor or None,
            )
        )
        records = [log_json(record) for record in page.logs]
        return answer(LogList(logs=records, next_cursor=page.next_cursor))

    return routes
