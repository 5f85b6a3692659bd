"""How traces were joined, what joined nothing, and which hops are to be mended."""

from dataclasses import dataclass
from typing import Final

from fastapi import APIRouter, Request, Response

from collector.model.correlation import Coverage, EvidenceCount, IgnoredGroup, ignored_groups
from collector.model.instrumentation import JOINED, Advice, Hop, advice
from collector.store.queries.correlation import (
    LONGEST_NS,
    joint_counts,
    read_coverage,
    read_hops,
    read_ignored,
)
from web.site import Site, window_of

_MOST_ADVICE: Final = 40
_MOST_HOPS: Final = 100
_MOST_IGNORED: Final = 50  # of each reason


@dataclass(frozen=True, slots=True)
class CorrelationPage:
    """``gain``: event traces that mending all of ``advice`` would join to others.

    ``judged_ns``: how much of the range hops are judged by, None: all of it.
    """

    coverage: Coverage
    evidence: list[EvidenceCount]
    advice: list[Advice]
    gain: int
    judged_ns: int | None
    hops: list[Hop]
    ignored: list[IgnoredGroup]
    ignored_count: int


def router(site: Site) -> APIRouter:
    """``/events/correlation``."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/events/correlation")
    def correlation(request: Request) -> Response:
        window = window_of(request)
        since_ns, until_ns = window.since_ns, window.until_ns
        seen = site.ask_stitched(lambda connection: read_hops(connection, window))
        found = advice(seen)
        ignored = ignored_groups(
            site.ask(lambda connection: read_ignored(connection, window, _MOST_IGNORED))
        )
        page = CorrelationPage(
            coverage=site.ask(lambda connection: read_coverage(connection, window)),
            evidence=site.ask(
                lambda connection: joint_counts(connection, since_ns=since_ns, until_ns=until_ns)
            ),
            advice=found[:_MOST_ADVICE],
            gain=sum(each.gain or 0 for each in found if each.effect == JOINED),
            judged_ns=LONGEST_NS if window.length_ns > LONGEST_NS else None,
            hops=[hop for hop in seen.hops if hop.place][:_MOST_HOPS],
            ignored=ignored,
            ignored_count=sum(group.count for group in ignored),
        )
        frame = site.frame(request, "Correlation", "events")
        return site.pages.response(request, "correlation", page, frame, block="results")

    return routes
