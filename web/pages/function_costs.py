"""What one function costs: over time, by where it went, by version, and what that assumes.

Of the function's own page it is a panel: asked for by htmx, that alone is sent.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from duckdb import DuckDBPyConnection as Cursor
from fastapi import APIRouter, Request, Response

from collector.model.cost import CostPoint, CostRow
from collector.model.costs.pricing import Pricing
from collector.model.window import Window
from collector.store.queries.costs import read_cost_series, read_function_costs, read_version_costs
from collector.store.queries.steps import before, step_of
from web import charts, cost_charts, health_charts, spending
from web.charts import Figure
from web.cost_charts import Units
from web.site import Site, window_of
from web.spending import Part, Said

STEPS: Final = 61


@dataclass(frozen=True, slots=True)
class FunctionCostsPage:
    """``series`` is empty where nothing tells of the function in this range.

    ``change``: of the cost, ``unit_change``: of a success, against the period before.
    """

    name: str
    total: CostRow
    before: CostRow | None
    change: float | None
    unit_change: float | None
    waste: float | None
    parts: Sequence[Part]
    versions: Sequence[CostRow]
    trend: Figure | None
    unit: Figure | None
    series: Sequence[CostPoint]
    step_ns: int
    said: Sequence[Said]


def router(site: Site) -> APIRouter:
    """``/costs/functions/{name}``."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/costs/functions/{name:named}")
    def function_costs(request: Request, name: str) -> Response:
        window, pricing = window_of(request), site.service.pricing
        series, versions, earlier = site.ask_derived(
            lambda cursor: _read(cursor, window, pricing, name)
        )
        page = _page(name, series, versions, earlier, window)
        frame = site.frame(request, f"Cost of {name}", "costs", charts=True)
        return site.pages.response(request, "function_costs", page, frame, block="panel")

    return routes


def _read(
    cursor: Cursor, window: Window, pricing: Pricing, name: str
) -> tuple[tuple[CostPoint, ...], list[CostRow], CostRow | None]:
    return (
        read_cost_series(cursor, window, pricing, function=name, steps=STEPS),
        read_version_costs(cursor, window, pricing, name),
        read_function_costs(cursor, before(window), pricing, name).get(name),
    )


def _page(
    name: str,
    series: Sequence[CostPoint],
    versions: Sequence[CostRow],
    earlier: CostRow | None,
    window: Window,
) -> FunctionCostsPage:
    total = spending.of_points(series, name)
    step_ns = step_of(window, STEPS)
    part = charts.fitted_steps([point.time_ns for point in series], step_ns, window)
    span = health_charts.Span(part or window, step_ns)
    was_usd: Decimal | None = earlier.cost.usd if earlier else None
    was_unit = earlier.per_success_usd if earlier else None
    trend = cost_charts.trend(series, span)
    each = [(point.time_ns, point.per_success_usd) for point in series]
    unit = cost_charts.unit([Units("a million successes", each)], span)
    return FunctionCostsPage(
        name=name,
        total=total,
        before=earlier,
        change=spending.change(total.cost.usd, was_usd),
        unit_change=spending.change(total.per_success_usd, was_unit),
        waste=spending.waste(total.cost),
        parts=spending.parts(total.cost.split),
        versions=versions,
        trend=trend if trend["data"] else None,
        unit=unit if unit["data"] else None,
        series=series,
        step_ns=step_ns,
        said=spending.said([total]),
    )
