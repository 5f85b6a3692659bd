"""The addresses that only lead elsewhere: first page, search box, colour switch."""

from typing import Annotated, Final

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse

from collector.model.search import span_number, trace_uuid
from collector.model.window import Window
from collector.store.queries.lookup import find_id
from collector.store.queries.seen import anything_stored
from web import urls
from web.render import THEME_COOKIE
from web.site import Site
from web.urls import Range, TraceFilter

_YEAR_S: Final = 365 * 86400
_SHORTEST_ID: Final = 3


def router(site: Site) -> APIRouter:
    """``/``, ``/find`` and ``/theme``."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/")
    def first(request: Request) -> RedirectResponse:
        span = Range.of(request.query_params)
        to = urls.traces(span) if site.ask(anything_stored) else urls.setup(span)
        return RedirectResponse(to, 303)

    @routes.get("/find")
    def find(request: Request, q: str = "") -> RedirectResponse:
        span = Range.of(request.query_params)
        text = q.strip()
        found = _traces_of(site, text)
        if len(found) != 1:
            return RedirectResponse(urls.traces(span, TraceFilter(text)), 303)
        selected = text if span_number(text) is not None else None
        return RedirectResponse(urls.trace(found.pop(), span, selected=selected), 303)

    @routes.post("/theme")
    def theme(
        to: Annotated[str, Form()] = "", back: Annotated[str, Form()] = "/"
    ) -> RedirectResponse:
        answer = RedirectResponse(urls.local_path(back), 303)
        if to in ("light", "dark"):
            answer.set_cookie(THEME_COOKIE, to, max_age=_YEAR_S, samesite="lax", httponly=True)
        else:
            answer.delete_cookie(THEME_COOKIE)
        return answer

    return routes


def _traces_of(site: Site, text: str) -> set[str]:
    """The traces an id occurs in, whenever that was; none for what cannot be an id."""
    trace_id = trace_uuid(text)
    if trace_id is not None:
        return {trace_id.hex}
    if len(text) < _SHORTEST_ID or "=" in text or " " in text:
        return set()
    matches = site.ask(lambda cursor: find_id(cursor, text, Window.all_time()))
    return {match.trace_id for match in matches if match.trace_id}
