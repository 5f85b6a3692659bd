"""The evidence of an incident as one file: metric, event traces and log lines, read without us."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from collector.alerts.bundle import Bundle, read_bundle
from collector.alerts.metrics import metric_of
from collector.alerts.sources import Answers
from collector.model.event_trace import EventTrace
from collector.store.queries.event_trace import read_event_trace
from web.alert_picture import Picture, picture
from web.blocks import blocks
from web.rule_words import meaning
from web.site import Site
from web.timeline import Chunk, Timeline, View, lay_out

_FILE_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
MOST_ROWS: Final = 60


@dataclass(frozen=True, slots=True)
class Shown:
    """One event trace in full: the first that shows what the alert is about."""

    event: EventTrace
    timeline: Timeline
    chunk: Chunk
    more: int


@dataclass(frozen=True, slots=True)
class EvidencePage:
    """``picture`` None: the metric cannot be drawn again; ``words`` None: its rule is gone.

    ``values``: the metric over time as texts. ``shown`` None: no event trace tells of it.
    """

    bundle: Bundle
    words: str | None
    picture: Picture | None
    values: Sequence[tuple[int, str, bool]]
    threshold: str
    shown: Shown | None
    made_ns: int
    stylesheets: Sequence[str]


def router(site: Site) -> APIRouter:
    """``/alerts/evidence/{change_id}``."""
    routes = APIRouter(include_in_schema=False)
    service = site.service

    @routes.get("/alerts/evidence/{change_id}")
    def evidence(request: Request, change_id: str) -> Response:
        answers = Answers(site.ask_derived, service.alerts.facts)
        bundle = read_bundle(answers, service.rules.book(), change_id, time.time_ns())
        page = _page(site, bundle)
        frame = site.frame(request, f"Evidence: {bundle.change.rule_name}", "alerts")
        text = site.pages.html("evidence", page, frame)
        name = f"evidence-{bundle.change.change_id[:16]}.html"
        return HTMLResponse(
            text,
            headers={
                "Content-Disposition": f'attachment; filename="{name}"',
                "Content-Security-Policy": _FILE_POLICY,
            },
        )

    return routes


def _page(site: Site, bundle: Bundle) -> EvidencePage:
    metric = metric_of(bundle.change.metric)
    series, rule = bundle.series, bundle.rule
    points = series.points if series else ()
    return EvidencePage(
        bundle=bundle,
        words=meaning(rule) if rule else None,
        picture=picture(series, rule, bundle.episodes, bundle.window)
        if series and rule and any(each.value is not None for each in points)
        else None,
        values=[
            (
                each.time_ns,
                metric.text(each.value),
                rule is not None and each.value is not None and rule.breaches(each.value),
            )
            for each in points
        ],
        threshold=metric.text(bundle.change.threshold),
        shown=_shown(site, bundle),
        made_ns=time.time_ns(),
        stylesheets=[
            site.pages.stylesheet(name)
            for name in ("app.css", "event.css", "health.css", "alerts.css")
        ],
    )


def _shown(site: Site, bundle: Bundle) -> Shown | None:
    if not bundle.event_traces:
        return None
    wanted = bundle.event_traces[0].event_trace_id
    event = site.ask(lambda cursor: read_event_trace(cursor, wanted))
    if event is None:
        return None
    timeline = lay_out(event, View(frozenset(block.id for block in blocks(event))))
    chunk = timeline.whole()
    return Shown(event, timeline, chunk, max(0, len(event.spans) - MOST_ROWS))
