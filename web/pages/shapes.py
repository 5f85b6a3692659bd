"""Flow shapes: one row for each path event traces took, beside the period before."""

from dataclasses import dataclass
from typing import Final

from fastapi import APIRouter, Request, Response

from collector.model.event_filter import EventFilter
from collector.model.event_list import Shape
from collector.model.search import Search
from collector.store.queries.shapes import list_shapes
from web.site import Site, window_of
from web.urls import EventQuery

MOST: Final = 100


@dataclass(frozen=True, slots=True)
class ShapesPage:
    """``longest_ns`` scales the duration bars; ``more``: there are rarer paths than these."""

    filters: EventQuery
    shapes: list[Shape]
    longest_ns: float
    more: bool


def router(site: Site) -> APIRouter:
    """``/events/shapes``."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/events/shapes")
    def shapes(request: Request) -> Response:
        window, query = window_of(request), EventQuery.of(request.query_params)
        asked = EventQuery(q=query.q, function=query.function)
        filters = EventFilter(function=asked.function or None, search=Search(text=asked.q or None))
        found = site.ask_stitched(
            lambda connection: list_shapes(connection, window, filters, limit=MOST + 1)
        )
        page = ShapesPage(
            filters=asked,
            shapes=found[:MOST],
            longest_ns=max((shape.p99_ns or 0 for shape in found), default=0),
            more=len(found) > MOST,
        )
        frame = site.frame(request, "Flow shapes", "events")
        return site.pages.response(request, "shapes", page, frame, block="results")

    return routes
