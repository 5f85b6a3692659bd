"""``/api/v1/traces``: raw traces, a page of them or one whole."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response

from collector.model.search import Search, trace_uuid
from collector.model.span import Trace
from collector.model.window import Window
from collector.service import Service
from collector.store.queries.trace import read_trace
from collector.store.queries.traces import list_traces
from web.api.parameters import Limit, OptionalWindow, PageCursor, Text, WindowParam, answer
from web.api.problems import Problem
from web.api.shapes import TraceJson, TraceList, trace_json, trace_list_item

_Q = (
    "An id (trace, span, invocation, message, correlation), key=value terms (any attribute of the "
    'span or its resource, all must hold; key="two words"), or a piece of a span or function name'
)


def router(service: Service) -> APIRouter:
    """The calls about traces."""
    routes = APIRouter(tags=["traces"])

    @routes.get("/traces", responses={200: {"model": TraceList}})
    def traces(
        window: WindowParam,
        function: Text = None,
        status: Annotated[Literal["ok", "error"] | None, Query()] = None,
        min_duration_ms: Annotated[float | None, Query(ge=0, le=1e12)] = None,
        q: Annotated[str | None, Query(description=_Q, max_length=2000)] = None,
        limit: Limit = 50,
        cursor: PageCursor = None,
    ) -> Response:
        """Traces with a span that begins in the window and matches the filters, newest first."""
        search = Search.parse(q)
        least_ns = None if min_duration_ms is None else round(min_duration_ms * 1e6)
        page = service.ask(
            lambda store: list_traces(
                store,
                window,
                search=search,
                function=function or None,
                status=status,
                min_duration_ns=least_ns,
                limit=limit,
                page_cursor=cursor or None,
            )
        )
        items = [trace_list_item(row) for row in page.traces]
        return answer(TraceList(traces=items, next_cursor=page.next_cursor))

    @routes.get("/traces/{trace_id}", responses={200: {"model": TraceJson}})
    def trace(trace_id: str, window: OptionalWindow) -> Response:
        """Every span and log record of a trace; its id plain or in X-Ray form (`1-…-…`)."""
        return answer(trace_json(found_trace(service, trace_id, window)))

    return routes


def found_trace(service: Service, text: str, window: Window) -> Trace:
    """The trace of that id.

    Raises:
        Problem: 404, no such trace, or the text is not a trace id.
    """
    trace_id = trace_uuid(text)
    if trace_id is None:
        raise Problem(
            404,
            f"{text[:80]!r} is not a trace id (32 hex digits, or 1-8-24 as in X-Ray): try /lookup",
        )
    trace = service.ask(lambda store: read_trace(store, trace_id, window))
    if trace is None:
        raise Problem(
            404,
            f"nothing of trace {trace_id.hex} is stored: it never arrived, or is past retention",
        )
    return trace
