"""The tile of the Overview that shows what everything costs; it comes after the page.

What costs are counted from is read apart, so that the rest of the Overview does not wait for it.
"""

from dataclasses import dataclass
from typing import Final

from duckdb import DuckDBPyConnection as Cursor
from fastapi import APIRouter, Request, Response

from collector.model.cost import CostPoint, CostReport
from collector.model.costs.pricing import Pricing
from collector.model.window import Window
from collector.store.queries.costs import read_costs_over_time
from collector.store.queries.steps import step_of
from web import tiles
from web.alert_marks import on_tiles
from web.render import wants_block
from web.site import Site, window_of
from web.sparks import Grid
from web.tiles import Tile
from web.urls import Range

_STEPS: Final = 61


@dataclass(frozen=True, slots=True)
class CostTilePage:
    """The tile alone."""

    tile: Tile


def router(site: Site) -> APIRouter:
    """``/costs/tile``."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/costs/tile")
    def cost_tile(request: Request) -> Response:
        window, span = window_of(request), Range.of(request.query_params)
        ask = site.ask if wants_block(request) else site.ask_derived
        report, series = ask(lambda cursor: _read(cursor, window, site.service.pricing))
        grid = Grid(window, step_of(window, _STEPS))
        rules = list(site.service.rules.book().rules.values())
        [tile] = on_tiles([tiles.cost(report, series, grid, span)], rules)
        page = CostTilePage(tile)
        frame = site.frame(request, "Cost", "overview")
        return site.pages.response(request, "cost_tile", page, frame, block="tile")

    return routes


def _read(
    cursor: Cursor, window: Window, pricing: Pricing
) -> tuple[CostReport, tuple[CostPoint, ...]]:
    return read_costs_over_time(cursor, window, pricing, steps=_STEPS)
