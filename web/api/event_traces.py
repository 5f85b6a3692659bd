"""``/api/v1/event-traces`` and ``/flow-shapes``: lists of event traces and of their paths."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from typing_extensions import TypedDict

from collector.model.event_filter import EventFilter, shape_number
from collector.model.event_list import Shape
from collector.model.search import Search
from collector.model.window import format_time
from collector.service import Service
from collector.store.queries.event_traces import list_event_traces
from collector.store.queries.shapes import list_shapes
from web.api.event_shapes import EventTraceSummaryJson, summary_json
from web.api.parameters import Limit, PageCursor, Text, WindowParam, answer, ms

_Q = (
    "An id, key=value terms (any attribute of a span), a piece of a name, and words that narrow as "
    "the parameters do: function:orders-* status:error retried:yes duration:>2s wait:>10s"
)
_Ms = Annotated[float | None, Query(ge=0, le=1e12)]
_Status = Literal["ok", "error", "dead_lettered", "open"]
_Sort = Literal["start", "duration", "wait", "retries", "spans", "cost"]


class EventTraceList(TypedDict):
    """Event traces in the order asked for; next_cursor is null on the last page."""

    event_traces: list[EventTraceSummaryJson]
    next_cursor: str | None


class FlowShapeJson(TypedDict):
    """The event traces that took one path.

    `*_before` are of the period before, of equal length; null when it is not stored whole.
    last_seen: when the newest of them began.
    """

    shape_id: str
    path: list[str]
    root_function: str | None
    event_traces: int
    errors: int
    dead_lettered: int
    open: int
    share: float
    duration_p50_ms: float | None
    duration_p99_ms: float | None
    queue_wait_p50_ms: float | None
    event_traces_before: int | None
    failed_before: int | None
    duration_p50_before_ms: float | None
    duration_p99_before_ms: float | None
    last_seen: str


class FlowShapeList(TypedDict):
    """Paths, the most frequent first."""

    flow_shapes: list[FlowShapeJson]


def router(service: Service) -> APIRouter:
    """The lists; one event trace has a module of its own."""
    routes = APIRouter(tags=["event traces"])

    @routes.get("/event-traces", responses={200: {"model": EventTraceList}})
    def event_traces(
        window: WindowParam,
        function: Text = None,
        status: Annotated[_Status | None, Query()] = None,
        correlation_id: Text = None,
        min_duration_ms: _Ms = None,
        max_duration_ms: _Ms = None,
        min_wait_ms: _Ms = None,
        cold: bool | None = None,
        dead_lettered: bool | None = None,
        retried: bool | None = None,
        duplicate: bool | None = None,
        shape_id: Text = None,
        q: Annotated[str | None, Query(description=_Q, max_length=2000)] = None,
        sort: Annotated[_Sort, Query(description="The greatest come first")] = "start",
        limit: Limit = 50,
        cursor: PageCursor = None,
    ) -> Response:
        """Event traces that began in the window and match the filters, newest first by default."""
        given = EventFilter(
            function=function or None,
            status=status,
            cold=cold,
            retried=retried,
            dead_lettered=dead_lettered,
            duplicate=duplicate,
            min_duration_ns=_ns(min_duration_ms),
            max_duration_ns=_ns(max_duration_ms),
            min_wait_ns=_ns(min_wait_ms),
            correlation_id=correlation_id or None,
            shape_id=shape_number(shape_id) if shape_id else None,
        )
        filters = EventFilter.parse(q, given)
        page = service.ask_derived(
            lambda store: list_event_traces(
                store,
                window,
                filters,
                sort=sort,
                limit=limit,
                page_cursor=cursor or None,
                pricing=service.pricing,
            )
        )
        items = [summary_json(row) for row in page.event_traces]
        return answer(EventTraceList(event_traces=items, next_cursor=page.next_cursor))

    @routes.get("/flow-shapes", responses={200: {"model": FlowShapeList}})
    def flow_shapes(
        window: WindowParam, function: Text = None, q: Text = None, limit: Limit = 100
    ) -> Response:
        """The paths event traces took in the window, beside the period before of equal length.

        `q` is a piece of the path: a function, or a queue in brackets.
        """
        filters = EventFilter(function=function or None, search=Search(text=q or None))
        found = service.ask_stitched(lambda store: list_shapes(store, window, filters, limit=limit))
        return answer(FlowShapeList(flow_shapes=[shape_json(shape) for shape in found]))

    return routes


def shape_json(shape: Shape) -> FlowShapeJson:
    """A shape as the API gives it."""
    return {
        "shape_id": shape.shape_id,
        "path": list(shape.path),
        "root_function": shape.root_function,
        "event_traces": shape.event_count,
        "errors": shape.error_count,
        "dead_lettered": shape.dead_lettered_count,
        "open": shape.open_count,
        "share": shape.share,
        "duration_p50_ms": ms(shape.p50_ns),
        "duration_p99_ms": ms(shape.p99_ns),
        "queue_wait_p50_ms": ms(shape.wait_p50_ns),
        "event_traces_before": shape.event_count_before,
        "failed_before": shape.failed_count_before,
        "duration_p50_before_ms": ms(shape.p50_before_ns),
        "duration_p99_before_ms": ms(shape.p99_before_ns),
        "last_seen": format_time(shape.last_ns),
    }


def _ns(milliseconds: float | None) -> int | None:
    return None if milliseconds is None else round(milliseconds * 1e6)
