"""``/api/v1/event-traces/{id}``: one event trace whole, as JSON and as OTLP."""

from fastapi import APIRouter, Response

from collector.model.event_trace import EventTrace
from collector.model.events.pieces import Material
from collector.service import Service
from collector.store.queries.event_trace import read_event_trace, read_material
from web.api.event_shapes import EventTraceJson, event_trace_json
from web.api.parameters import answer
from web.api.problems import Problem
from web.exporting import otlp_lines

_LINES = "application/x-ndjson"


def router(service: Service) -> APIRouter:
    """The calls about one event trace."""
    routes = APIRouter(tags=["event traces"])

    @routes.get("/event-traces/{event_trace_id}", responses={200: {"model": EventTraceJson}})
    def event_trace(event_trace_id: str) -> Response:
        """Everything of one event trace. An id that was merged away answers with today's.

        `redirected_from` then says which id was asked for. Times are those of clocks set right
        (`clock_notes`); `/traces/{trace_id}` has them as they were sent.
        """
        asked = event_trace_id.strip().lower()
        return answer(event_trace_json(found_event_trace(service, asked), asked))

    @routes.get(
        "/event-traces/{event_trace_id}/export",
        responses={200: {"content": {_LINES: {}}, "description": "OTLP JSON, a line an export"}},
    )
    def export(event_trace_id: str) -> Response:
        """Its spans and log records as OTLP JSON lines, as `lockstitch import` reads them."""
        asked = event_trace_id.strip().lower()
        material = service.ask_stitched(lambda store: read_material(store, asked))
        if material is None:
            raise _unknown(event_trace_id)
        return Response(
            b"".join(otlp_lines(material)),
            media_type=_LINES,
            headers={"Content-Disposition": f'attachment; filename="{_name(material)}"'},
        )

    return routes


def found_event_trace(service: Service, event_trace_id: str) -> EventTrace:
    """The event trace of that id, or the one it was merged into.

    Raises:
        Problem: 404, there is none.
    """
    event = service.ask_derived(
        lambda store: read_event_trace(store, event_trace_id, service.pricing)
    )
    if event is None:
        raise _unknown(event_trace_id)
    return event


def _unknown(event_trace_id: str) -> Problem:
    return Problem(
        404,
        f"there is no event trace {event_trace_id[:64]!r}: its telemetry may be past retention or "
        "still be stitched (a second or two); ids have 16 hex digits, and /lookup?id= finds the "
        "event trace of any other id",
    )


def _name(material: Material) -> str:
    return f"event-{material.summary.event_trace_id}.otlp.jsonl"
