"""What stands before every request of the web port: headers, login, and no foreign origins.

    request -> host known? -> session read -> logged in, or open path? -> own origin? -> app
            <- security headers, session cookie

The policy allows our own scripts and styles only: Plotly must therefore have its style rules as a
stylesheet (``web/assets.py``), and no template holds inline script, style or event handlers.
"""

import base64
import binascii
from collections.abc import Awaitable, Callable
from typing import Final
from urllib.parse import quote, urlsplit

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.api.problems import Problem, problem
from web.session import COOKIE, Session, Sessions, same_token

CONTENT_SECURITY_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
_HEADERS: Final = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_SAFE_METHODS: Final = ("GET", "HEAD", "OPTIONS")
_OPEN_PATHS: Final = ("/login", "/healthz", "/readyz")
_MACHINE_PATHS: Final = ("/api/", "/metrics")
_LOCAL_NAMES: Final = ("localhost", "127.0.0.1", "::1")

Verify = Callable[[str, str], Awaitable[bool]]
"""Client address and password -> right or wrong; raises Problem when asked too often."""


class Guard:
    """ASGI middleware around the whole app.

    ``login_needed`` and ``local_only`` are asked for each request, so that a password set while
    running counts at once. ``local_only``: nothing but names of this machine is a valid Host,
    which keeps foreign pages from reading an open port through a name of theirs.
    ``open_metrics``: ``/metrics`` needs no login, because only this machine can reach the port.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        sessions: Sessions,
        verify: Verify,
        login_needed: Callable[[], bool],
        local_only: Callable[[], bool],
        open_metrics: bool,
    ) -> None:
        self._app = app
        self._sessions = sessions
        self._verify = verify
        self._login_needed = login_needed
        self._local_only = local_only
        self._open_paths = (*_OPEN_PATHS, "/metrics") if open_metrics else _OPEN_PATHS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        session = self._sessions.read(request.cookies.get(COOKIE))
        scope.setdefault("state", {})["session"] = session
        refusal = self._foreign(request) or await self._stranger(request, session)
        await (refusal or self._app)(scope, receive, self._finishing(scope, session, send))

    def _foreign(self, request: Request) -> Response | None:
        """Refuses names that are not this machine's, and changes asked for by other sites."""
        host = request.headers.get("host", "")
        if self._local_only() and _name(host) not in _LOCAL_NAMES:
            return problem(
                403,
                f"{host[:100]!r} is not this machine: use 127.0.0.1 or localhost, or set a "
                "password (lockstitch password) to open the web UI under other names",
            )
        if request.method in _SAFE_METHODS:
            return None
        origin = request.headers.get("origin")
        site = request.headers.get("sec-fetch-site", "same-origin")
        if site not in ("same-origin", "none") or (origin and urlsplit(origin).netloc != host):
            return problem(403, "changes are taken from this site's own pages only")
        return None

    async def _stranger(self, request: Request, session: Session) -> Response | None:
        path = request.url.path
        is_open = path in self._open_paths or path.startswith("/static/")
        if session.signed_in or is_open or not self._login_needed():
            return None
        if path.startswith(_MACHINE_PATHS):
            return await self._basic(request)
        here = path + (f"?{request.url.query}" if request.url.query else "")
        to = f"/login?next={quote(here, safe='')}" if request.method == "GET" else "/login"
        if request.headers.get("hx-request") == "true":
            return Response(status_code=401, headers={"HX-Redirect": "/login"})
        return RedirectResponse(to, 303)

    async def _basic(self, request: Request) -> Response | None:
        password = _basic_password(request.headers.get("authorization", ""))
        if password is not None:
            try:
                client = request.client.host if request.client else ""
                if await self._verify(client, password):
                    return None
            except Problem as error:
                return problem(error.status, error.detail, error.headers)
        return problem(
            401,
            "log in at /login, or send the web password as HTTP Basic (any user name)",
            {"WWW-Authenticate": 'Basic realm="Lockstitch", charset="UTF-8"'},
        )

    def _finishing(self, scope: Scope, session: Session, send: Send) -> Send:
        """Adds the headers, and the cookie where it is new and the app has not set one."""

        async def finish(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("Cache-Control", "no-store")
                if session.is_new and _wants_cookie(scope["path"], headers):
                    headers.append("Set-Cookie", self._sessions.header(session))
            await send(message)

        return finish


def session_of(request: Request) -> Session:
    """The session of a request that came through the guard."""
    session: Session = request.state.session
    return session


async def require_csrf_token(request: Request) -> None:
    """Refuses a change whose form field ``csrf_token`` or header X-CSRF-Token is not the session's.

    A dependency of the whole app. The JSON API takes JSON only, which no other site can send
    without the browser asking first, and every answer to that question is no.

    Raises:
        Problem: 403.
    """
    if request.method in _SAFE_METHODS or request.url.path.startswith("/api/"):
        return
    given = request.headers.get("x-csrf-token")
    if given is None:
        field = (await request.form()).get("csrf_token")
        given = field if isinstance(field, str) else None
    if not same_token(given, session_of(request)):
        raise Problem(403, "this form is older than your session: reload the page and try again")


def _name(host: str) -> str:
    """The host header without its port; brackets of IPv6 taken off."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _wants_cookie(path: str, headers: MutableHeaders) -> bool:
    """Machines get no cookie, and an answer that sets the session itself keeps its own."""
    if path.startswith((*_MACHINE_PATHS, "/static/", "/healthz", "/readyz")):
        return False
    return not any(value.startswith(f"{COOKIE}=") for value in headers.getlist("set-cookie"))


def _basic_password(authorization: str) -> str | None:
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        return base64.b64decode(encoded.strip(), validate=True).decode().partition(":")[2]
    except (binascii.Error, ValueError):
        return None
