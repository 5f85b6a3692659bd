"""What to change: the present month and its budgets, and what would cost less, with the evidence.

Of the page Costs it is a panel: asked for by htmx, that alone is sent.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from fastapi import APIRouter, Request, Response

from collector.model.cost import BreakEven, BudgetState, Projection, Suggestion
from collector.store.queries.advice import read_advice
from web.site import Site, window_of

_IN_PANEL: Final = 5


@dataclass(frozen=True, slots=True)
class AdvicePage:
    """``first`` are the greatest of the suggestions, for the panel; ``projection`` None: no cost
    of this month or the last seven days is known.
    """

    projection: Projection | None
    budgets: Sequence[BudgetState]
    suggestions: Sequence[Suggestion]
    first: Sequence[Suggestion]
    break_evens: Sequence[BreakEven]


def router(site: Site) -> APIRouter:
    """``/costs/advice``."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/costs/advice")
    def advice(request: Request) -> Response:
        window = window_of(request)
        found = site.ask_derived(lambda cursor: read_advice(cursor, window, site.service.pricing))
        page = AdvicePage(
            projection=found.projection,
            budgets=found.budgets,
            suggestions=found.suggestions,
            first=found.suggestions[:_IN_PANEL],
            break_evens=found.break_evens,
        )
        frame = site.frame(request, "What to change", "costs")
        return site.pages.response(request, "advice", page, frame, block="panel")

    return routes
