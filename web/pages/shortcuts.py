"""The addresses that only lead elsewhere: search box, colour switch."""

import time
from typing import Annotated, Final

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse

from collector.model.event_filter import WORDS
from collector.model.lookup import Match
from collector.model.search import span_number, trace_uuid
from collector.model.window import Window
from collector.store.queries.lookup import find_anywhere
from web import addresses, urls
from web.render import THEME_COOKIE
from web.site import Site
from web.urls import EventQuery, Range, TraceFilter

_YEAR_S: Final = 365 * 86400
_SHORTEST_ID: Final = 3


def router(site: Site) -> APIRouter:
    """``/find`` and ``/theme``."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/find")
    def find(request: Request, q: str = "") -> RedirectResponse:
        span = Range.of(request.query_params)
        return RedirectResponse(_found(site, q.strip(), span), 303)

    @routes.post("/theme")
    def theme(
        to: Annotated[str, Form()] = "", back: Annotated[str, Form()] = "/"
    ) -> RedirectResponse:
        answer = RedirectResponse(addresses.local_path(back), 303)
        if to in ("light", "dark"):
            answer.set_cookie(THEME_COOKIE, to, max_age=_YEAR_S, samesite="lax", httponly=True)
        else:
            answer.delete_cookie(THEME_COOKIE)
        return answer

    return routes


def _found(site: Site, text: str, span: Range) -> str:
    """The event trace an id occurs in, the trace when it is in none; else the list of events."""
    matches = _matches(site, text)
    events = {match.event_trace_id for match in matches if match.event_trace_id}
    traces = {match.trace_id for match in matches if match.trace_id}
    if len(events) == 1:
        return urls.event(events.pop(), span)
    if not events and len(traces) == 1:
        selected = text if span_number(text) is not None else None
        return urls.trace(traces.pop(), span, selected=selected)
    if not events and traces:
        return urls.traces(span, TraceFilter(text))
    return urls.events(_reaching(span, matches), EventQuery(text))


def _matches(site: Site, text: str) -> list[Match]:
    """Where an id occurs, whenever that was; none for what cannot be an id."""
    words = "=" in text.rstrip("=") or " " in text or text.partition(":")[0].lower() in WORDS
    if len(text) < _SHORTEST_ID or (words and trace_uuid(text) is None):
        return []
    return site.ask_stitched(lambda cursor: find_anywhere(cursor, text, Window.all_time()))


def _reaching(span: Range, matches: list[Match]) -> Range:
    """The range, or the shortest one offered that holds all of the matches."""
    if not matches or not span.ends_now:
        return span
    oldest_s = (time.time_ns() - min(match.last_seen_ns for match in matches)) / 1e9
    offered = [since for since, _ in urls.PRESETS if urls.ago_s(since) > oldest_s]
    least = offered[0] if offered else urls.PRESETS[-1][0]
    longer = urls.ago_s(least) > urls.ago_s(span.since)
    return Range(least, live=span.live) if longer else span
