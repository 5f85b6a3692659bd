"""Failures as pages for people: what happened, and what to do about it.

The JSON API, the machine endpoints and htmx parts keep their own forms: problem JSON, and a line
for the page's flash area.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, Response
from starlette.exceptions import HTTPException

from web.api import problems
from web.api.problems import Problem
from web.render import wants_block
from web.site import Site
from web.urls import Range

_MACHINES: Final = ("/api/", "/metrics", "/healthz", "/readyz", "/docs", "/openapi")
_SINGLE: Final = {"events": "event trace", "traces": "trace"}
_NOT_FOUND: Final = "There is no page at this address. The navigation has all there are."


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """``retry``: trying again may help, nothing has to change first. ``sought``: the id of what
    is not there, to be searched for elsewhere.
    """

    status: int
    title: str
    detail: str
    retry: bool
    sought: str | None = None


Handler = Callable[[Request, Exception], Awaitable[Response]]


def install(app: FastAPI, site: Site) -> None:
    """Answers failures of pages with pages; what machines ask keeps the handlers it had."""
    for kind, handler in list(app.exception_handlers.items()):
        app.add_exception_handler(kind, _for_people(site, handler))  # type: ignore[arg-type]


def _for_people(site: Site, for_machines: Handler) -> Handler:
    async def answer(request: Request, error: Exception) -> Response:
        if request.url.path.startswith(_MACHINES):
            return await for_machines(request, error)
        found = _problem(error)
        problems.log_trouble(request, error, found.status)
        return _page(site, request, found)

    return answer


def _problem(error: Exception) -> Problem:
    if isinstance(error, HTTPException):
        found = problems.of_http(error)
        return found if found.status != 404 else Problem(404, _NOT_FOUND)
    if isinstance(error, RequestValidationError):
        return problems.of_validation(error)[0]
    return problems.of_error(error)


def _page(site: Site, request: Request, found: Problem) -> Response:
    what, sought = _sought(request) if found.status == 404 else ("", None)
    page = ErrorPage(
        status=found.status,
        title=f"No such {what}" if sought else HTTPStatus(found.status).phrase,
        detail=found.detail[:1].upper() + found.detail[1:],
        retry=found.status >= 500,
        sought=sought,
    )
    frame = site.frame(request, page.title, "")
    if found.status == 400:  # perhaps the range itself: links must not carry it on
        frame = replace(frame, range=Range())
    text = site.pages.html("error", page, frame, "message" if wants_block(request) else None)
    return HTMLResponse(text, found.status, headers=found.headers | {"Vary": "HX-Request"})


def _sought(request: Request) -> tuple[str, str | None]:
    """What kind of thing a page was to show, and its id; None: the page shows no single thing."""
    place, _, rest = request.url.path.strip("/").partition("/")
    return (_SINGLE[place], rest[:64]) if rest and place in _SINGLE else ("", None)
