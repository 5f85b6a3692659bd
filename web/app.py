"""Puts the web port together: guard, JSON API, health, login, assets and pages."""

from fastapi import Depends, FastAPI

from collector.service import Service
from collector.store.queries.registry import QUERIES
from web import assets, login, named
from web.api import docs, health, problems, v1
from web.guard import Guard, require_csrf_token, session_of
from web.pages import (
    advice,
    alerts,
    correlation,
    cost_chart,
    cost_events,
    cost_tile,
    costs,
    errors,
    event,
    events,
    evidence,
    function,
    function_costs,
    functions,
    logs,
    overview,
    prices,
    queue,
    queues,
    rule,
    rules,
    scorecard,
    series,
    setup,
    shapes,
    shortcuts,
    silences,
    slos,
    status,
    suggest,
    targets,
    trace,
    traces,
)
from web.passwords import Passwords
from web.render import Pages
from web.samples import SampleData
from web.session import Sessions
from web.site import Site

_ABOUT = """What the collector has received, as JSON. Times are RFC 3339 UTC, `*_ms` are
milliseconds, ids are lower-case hex; null is *unknown*, never zero. Lists are newest first and
take `since` and `until` (RFC 3339, `-1h`, `now`; the last hour by default). Errors are RFC 9457
problem JSON whose `detail` says what to do.

When a web password is set, send it as HTTP Basic (any user name), or log in and use the cookie."""


def create_app(service: Service, samples: SampleData) -> FastAPI:
    """The ASGI app of the web port; ``service`` is asked, never changed."""
    QUERIES.check()
    named.register()
    access, tls = service.access, service.tls is not None
    sessions = Sessions(access.session_secret, secure=tls)
    passwords = Passwords(access.verify_password, access.session_secret)
    files = assets.Assets()
    pages = Pages(files)
    app = FastAPI(
        title="Lockstitch",
        version="1",
        description=_ABOUT,
        openapi_url=docs.OPENAPI,
        docs_url=None,
        redoc_url=None,
        dependencies=[Depends(require_csrf_token)],
    )
    problems.install(app)
    app.add_middleware(
        Guard,
        sessions=sessions,
        verify=passwords.verify,
        login_needed=lambda: access.has_password,
        local_only=lambda: service.settings.is_loopback and not access.has_password,
        open_metrics=service.settings.is_loopback,
    )
    app.include_router(assets.router(files))
    app.include_router(v1.router(service))
    app.include_router(health.router(service))
    app.include_router(docs.router(files))
    site = Site(service, samples, pages, lambda request: session_of(request).csrf_token)
    app.include_router(login.router(site, sessions, passwords))
    lists = (events, shapes, correlation)  # before `/events/{id}`, which would take their addresses
    health_pages = (overview, functions, function, queues, queue)
    money = (costs, cost_chart, cost_events, function_costs, advice, prices, cost_tile)
    records = (traces, trace, logs, series)
    # `rule` after `rules`, whose addresses its own would take
    alerting = (alerts, rules, rule, slos, scorecard, targets, silences, evidence)
    system = (status, suggest)
    for page in (
        shortcuts, setup, *health_pages, *lists, event, *money, *alerting, *records, *system
    ):  # fmt: skip
        app.include_router(page.router(site))
    errors.install(app, site)
    return app
