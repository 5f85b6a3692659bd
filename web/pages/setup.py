"""Setup: where to point functions, whether anything arrives, and sample data to look at first."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import PlainTextResponse, RedirectResponse

from collector.batch import Signal
from collector.errors import Unauthenticated
from collector.model.window import NS_PER_S, format_time
from collector.receive.access import Access
from collector.service import Endpoints
from collector.store.queries.seen import anything_stored
from web import urls
from web.render import wants_block
from web.samples import Progress
from web.site import Site
from web.snippets import FILES, Address, Guide, file_text, guides
from web.urls import Range

# A signal that came in this lately is shown as flowing.
FRESH_NS: Final = 60_000_000_000
STORIES_NS: Final = 1_300 * NS_PER_S  # the longest story takes 20 minutes and a bit


@dataclass(frozen=True, slots=True)
class Received:
    """When the latest record of one signal came, and how many since the start; None = never."""

    signal: str
    last_ns: int | None
    records: int


@dataclass(frozen=True, slots=True)
class SetupPage:
    """``guide`` is the open tab; ``loopback`` warns that no function can reach this address.

    ``tokens``: senders need one. ``samples_range`` is the time the sample data is of.
    """

    endpoints: Endpoints
    tokens: bool
    loopback: bool
    guides: Sequence[Guide]
    guide: Guide
    received: Sequence[Received]
    fresh_since_ns: int
    has_data: bool
    samples: Progress
    samples_range: Range


def router(site: Site) -> APIRouter:
    """``/setup``, its indicator, the sample data button, and the templates to deploy."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/setup")
    def setup(request: Request) -> Response:
        return _response(site, request, "guide")

    @routes.get("/setup/received")
    def received(request: Request) -> Response:
        return _response(site, request, "received")

    @routes.get("/setup/files/{name}")
    def file(name: str) -> Response:
        if name not in FILES:
            raise HTTPException(404, f"there is no such file: {', '.join(FILES)} are there")
        disposition = {"content-disposition": f'attachment; filename="{name}"'}
        return PlainTextResponse(file_text(name), headers=disposition)

    @routes.post("/setup/sample")
    def sample(request: Request) -> Response:
        site.samples.start()
        if wants_block(request):
            return _response(site, request, "received")
        return RedirectResponse(urls.setup(urls.Range()), 303)

    return routes


def _response(site: Site, request: Request, block: str) -> Response:
    service = site.service
    tokens, samples = _tokens_demanded(service.access), site.samples.progress
    found = guides(Address(service.endpoints.http, service.endpoints.grpc, tokens))
    wanted = request.query_params.get("for")
    page = SetupPage(
        endpoints=service.endpoints,
        tokens=tokens,
        loopback=service.settings.is_loopback,
        guides=found,
        guide=next((guide for guide in found if guide.key == wanted), found[0]),
        received=_received(site),
        fresh_since_ns=time.time_ns() - FRESH_NS,
        has_data=site.ask(anything_stored),
        samples=samples,
        samples_range=_range_of(samples),
    )
    frame = site.frame(request, "Setup", "setup")
    return site.pages.response(request, "setup", page, frame, block=block)


def _range_of(samples: Progress) -> Range:
    """Where the sample data lies, in whole seconds."""
    until_ns = (samples.until_ns // NS_PER_S + 1) * NS_PER_S
    return Range(format_time(until_ns - STORIES_NS), format_time(until_ns))


def _tokens_demanded(access: Access) -> bool:
    """Whether a sender without a token is refused."""
    try:
        access.check("")
    except Unauthenticated:
        return True
    return False


def _received(site: Site) -> list[Received]:
    counts = site.service.intake.counters.read()
    return [
        Received(signal.value, counts.last_received_ns.get(signal), counts.received.get(signal, 0))
        for signal in Signal
    ]
