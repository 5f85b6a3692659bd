"""The addresses that only lead elsewhere: first page, search box, colour switch."""

from typing import Annotated, Final

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse

from collector.model.search import trace_uuid
from collector.store.queries.seen import anything_stored
from web import urls
from web.render import THEME_COOKIE
from web.site import Site
from web.urls import Range, TraceFilter

_YEAR_S: Final = 365 * 86400


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
        trace_id = trace_uuid(q.strip())
        to = (
            urls.trace(trace_id.hex, span)
            if trace_id
            else urls.traces(span, TraceFilter(q.strip()))
        )
        return RedirectResponse(to, 303)

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
