"""The scorecard: which functions and flows pass the four gates, and what shows it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from fastapi import APIRouter, Request, Response

from collector.alerts.gates import FAIL, GATES, PASS, Evidence, Gate
from collector.alerts.scorecard import ScoreRow, read_scorecard
from collector.alerts.sources import Answers
from web import alert_urls, urls
from web.render import wants_block
from web.site import Site, window_of
from web.urls import Range

PAGE: Final = 25
MOST_EVIDENCE: Final = 2


@dataclass(frozen=True, slots=True)
class GateCell:
    """A verdict with links to what shows it; ``more``: how many of these are not listed."""

    gate: Gate
    links: Sequence[tuple[str, str]]
    more: int


@dataclass(frozen=True, slots=True)
class Scored:
    """One function or flow and its gates."""

    name: str
    url: str
    cells: Sequence[GateCell]


@dataclass(frozen=True, slots=True)
class ScorecardPage:
    """``rows`` are one page of those of ``of``: functions or flows, those that fail most first.

    ``counts``: how many functions and flows; ``passing`` and ``failing``: gates of all rows.
    """

    rows: Sequence[Scored]
    gates: Sequence[str]
    of: str
    counts: tuple[int, int]
    passing: int
    failing: int
    page: int
    next_page: int | None


def router(site: Site) -> APIRouter:
    """``/alerts/scorecard``."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/alerts/scorecard")
    def scorecard(request: Request, of: str = "functions", page: int = 1) -> Response:
        window, span = window_of(request), Range.of(request.query_params)
        service = site.service
        ask = site.ask if wants_block(request) else site.ask_derived
        answers = Answers(ask, service.alerts.facts)
        found = read_scorecard(answers, service.rules.book(), window)
        rows = found.flows if of == "flows" else found.functions
        last = max(1, -(-len(rows) // PAGE))
        here = min(max(1, page), last)
        shown = ScorecardPage(
            rows=[_scored(each, span) for each in rows[(here - 1) * PAGE : here * PAGE]],
            gates=GATES,
            of="flows" if of == "flows" else "functions",
            counts=(len(found.functions), len(found.flows)),
            passing=_count(rows, PASS),
            failing=_count(rows, FAIL),
            page=here,
            next_page=here + 1 if here < last else None,
        )
        frame = site.frame(request, "Scorecard", "alerts")
        return site.pages.response(request, "scorecard", shown, frame, block="results")

    return routes


def _count(rows: Sequence[ScoreRow], verdict: str) -> int:
    return sum(gate.verdict == verdict for row in rows for gate in row.gates)


def _scored(row: ScoreRow, span: Range) -> Scored:
    flow = row.kind == "flow"
    url = (
        urls.events(span, urls.EventQuery(function=row.name))
        if flow
        else urls.function(row.name, span)
    )
    return Scored(row.name, url, [_cell(each, span) for each in row.gates])


def _cell(gate: Gate, span: Range) -> GateCell:
    links = [(_label(each), _url(each, span)) for each in gate.evidence]
    return GateCell(gate, links[:MOST_EVIDENCE], max(0, len(links) - MOST_EVIDENCE))


def _label(evidence: Evidence) -> str:
    """Event traces go by the beginning of their id, as elsewhere."""
    return evidence.id[:8] if evidence.kind == "event_trace" else evidence.label


def _url(evidence: Evidence, span: Range) -> str:
    """The page of what shows it."""
    match evidence.kind:
        case "event_trace":
            return urls.event(evidence.id, span)
        case "rule":
            return alert_urls.rule(evidence.id, span)
        case "slo":
            return alert_urls.slo(evidence.id, span)
        case "queue":
            return urls.queue(evidence.id, span)
        case _:
            return urls.function(evidence.id, span)
