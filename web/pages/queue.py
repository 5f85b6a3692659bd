"""One queue over time; of a dead-letter queue also what ended there, and how to put it back."""

from dataclasses import dataclass
from typing import Final

from fastapi import APIRouter, Request, Response

from collector.model.health import QueueDetail, QueueHealth
from collector.model.window import Window
from collector.store.queries.queues import read_queue
from web import health_charts
from web.charts import Figure
from web.concerns import holds_dead_letters
from web.render import wants_block
from web.site import Site, window_of

STEPS: Final = 60


@dataclass(frozen=True, slots=True)
class QueuePage:
    """``detail`` None: nothing tells of the queue in this range; figures None: nothing to draw.

    ``ended_count``: event traces that ended in this dead-letter queue.
    """

    name: str
    detail: QueueDetail | None
    health: QueueHealth | None
    holds: bool
    ended_count: int
    depth: Figure | None
    ages: Figure | None
    traffic: Figure | None


def router(site: Site) -> APIRouter:
    """``/queues/{name}``."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/queues/{name:path}")
    def queue(request: Request, name: str) -> Response:
        window = window_of(request)
        ask = site.ask if wants_block(request) else site.ask_derived
        rules = site.service.settings.queues
        found = ask(lambda cursor: read_queue(cursor, name, window, rules=rules, steps=STEPS))
        frame = site.frame(request, name, "queues", charts=True)
        page = _page(name, found, window)
        return site.pages.response(request, "queue", page, frame, block="results")

    return routes


def _page(name: str, detail: QueueDetail | None, window: Window) -> QueuePage:
    series = detail.series if detail else ()
    span = health_charts.Span(window, detail.step_ns if detail else 1)
    return QueuePage(
        name=name,
        detail=detail,
        health=detail.health if detail else None,
        holds=holds_dead_letters(detail.health) if detail else False,
        ended_count=sum(group.event_count for group in detail.dead_letters) if detail else 0,
        depth=health_charts.depth(series, span)
        if any(point.depth is not None for point in series)
        else None,
        ages=health_charts.ages(series, span)
        if any(point.oldest_age_s is not None for point in series)
        else None,
        traffic=health_charts.traffic(series, span)
        if any(point.in_count or point.out_count for point in series)
        else None,
    )
