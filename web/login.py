"""The login page: one password for the web UI, a session cookie for the browser that knows it."""

from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from web import addresses
from web.api.problems import Problem
from web.passwords import Passwords
from web.session import Sessions
from web.site import Site


@dataclass(frozen=True, slots=True)
class LoginPage:
    """``next`` is where the browser goes after it; ``problem`` says why it was refused."""

    next: str
    problem: str | None


def router(site: Site, sessions: Sessions, passwords: Passwords) -> APIRouter:
    """``/login`` (form and its answer) and ``/logout``."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/login")
    def form(request: Request, next: str = "/") -> Response:  # noqa: A002 - the query's own word
        return _page(site, request, addresses.local_path(next), None, 200)

    @routes.post("/login")
    async def enter(
        request: Request,
        password: Annotated[str, Form(max_length=1000)] = "",
        next: Annotated[str, Form()] = "/",  # noqa: A002
    ) -> Response:
        to = addresses.local_path(next)
        address = request.client.host if request.client else ""
        try:
            right = await passwords.verify(address, password)
        except Problem as refusal:
            return _page(site, request, to, refusal.detail, refusal.status)
        if not right:
            return _page(site, request, to, "That is not the password.", 401)
        answer = RedirectResponse(to, 303)
        answer.headers.append("Set-Cookie", sessions.header(sessions.begin(signed_in=True)))
        return answer

    @routes.post("/logout")
    def leave() -> Response:
        answer = RedirectResponse("/login", 303)
        answer.headers.append("Set-Cookie", sessions.header(sessions.begin(signed_in=False)))
        return answer

    return routes


def _page(site: Site, request: Request, to: str, problem: str | None, status: int) -> Response:
    frame = replace(site.frame(request, "Log in", ""), here="/login", signed_in=False)
    return site.pages.response(request, "login", LoginPage(to, problem), frame, status=status)
