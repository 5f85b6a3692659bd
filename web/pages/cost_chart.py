"""Costs over time: where the money went, and what a success and an event trace cost.

Of the page Costs these are the charts, which come after its table, so that this never waits.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from duckdb import DuckDBPyConnection as Cursor
from fastapi import APIRouter, Request, Response

from collector.model.cost import CostPoint
from collector.model.costs.pricing import Pricing
from collector.model.window import Window
from collector.store.queries.costs import read_cost_series
from collector.store.queries.event_steps import count_event_steps
from collector.store.queries.steps import step_of
from web import charts, cost_charts, health_charts, spending
from web.charts import Figure
from web.cost_charts import Units
from web.render import wants_block
from web.site import Site, window_of

STEPS: Final = 61


@dataclass(frozen=True, slots=True)
class Step:
    """A row of the table behind the charts; ``per_event_usd`` None: no event trace began."""

    point: CostPoint
    per_event_usd: Decimal | None


@dataclass(frozen=True, slots=True)
class CostChartPage:
    """``most_usd``: of the dearest step. ``fitted_ns``: the length of the axis where it shows less
    than the range asked for. All without fees of queues.
    """

    most_usd: Decimal | None
    trend: Figure | None
    unit: Figure | None
    steps: Sequence[Step]
    step_ns: int
    fitted_ns: int | None


def router(site: Site) -> APIRouter:
    """``/costs/chart``."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/costs/chart")
    def cost_chart(request: Request) -> Response:
        window, pricing = window_of(request), site.service.pricing
        ask = site.ask if wants_block(request) else site.ask_derived
        series, began = ask(lambda cursor: _read(cursor, window, pricing))
        frame = site.frame(request, "Costs over time", "costs", charts=True)
        page = _page(series, began, window)
        return site.pages.response(request, "cost_chart", page, frame, block="charts")

    return routes


def _read(
    cursor: Cursor, window: Window, pricing: Pricing
) -> tuple[tuple[CostPoint, ...], dict[int, int]]:
    return (
        read_cost_series(cursor, window, pricing, steps=STEPS),
        count_event_steps(cursor, window, step_of(window, STEPS)),
    )


def _page(series: Sequence[CostPoint], began: Mapping[int, int], window: Window) -> CostChartPage:
    step_ns = step_of(window, STEPS)
    part = charts.fitted_steps([point.time_ns for point in series], step_ns, window)
    span = health_charts.Span(part or window, step_ns)
    steps = [
        Step(point, spending.each(point.cost.usd, began.get(point.time_ns, 0))) for point in series
    ]
    trend, unit = cost_charts.trend(series, span), cost_charts.unit(_units(steps), span)
    return CostChartPage(
        most_usd=max((each.cost.usd for each in series if each.cost.usd), default=None),
        trend=trend if trend["data"] else None,
        unit=unit if unit["data"] else None,
        steps=steps,
        step_ns=step_ns,
        fitted_ns=part.length_ns if part else None,
    )


def _units(steps: Sequence[Step]) -> list[Units]:
    return [
        Units(
            "a million successes",
            [(each.point.time_ns, each.point.per_success_usd) for each in steps],
        ),
        Units(
            "a million event traces",
            [(each.point.time_ns, each.per_event_usd) for each in steps],
        ),
    ]
