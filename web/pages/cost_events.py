"""What event traces cost: by the path they took, and by order, tenant or any other attribute.

Of the page Costs it is the panel of the dearest paths: asked for by htmx, that alone is sent.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from duckdb import DuckDBPyConnection as Cursor
from fastapi import APIRouter, Request, Response

from collector.model.cost import CostReport, CostRow
from collector.model.costs.pricing import Pricing
from collector.model.window import Window
from collector.store.queries.costs import read_costs
from collector.store.queries.event_costs import read_value_costs
from web import spending
from web.render import wants_block
from web.site import Site, window_of
from web.spending import Bar, Part, Said

MOST: Final = 50
_IN_PANEL: Final = 8
ATTRIBUTE: Final = "correlation_id"
_LONGEST: Final = 200


@dataclass(frozen=True, slots=True)
class Path:
    """A path, or a value of the attribute. ``share``: of all costs; ``bars``: where it went, beside
    the dearest of the list; ``waste``: the share of it that was not useful work.
    """

    row: CostRow
    share: float | None
    bars: Sequence[Bar]
    waste: float | None


@dataclass(frozen=True, slots=True)
class CostEventsPage:
    """``outside``: what no event trace accounts for. ``per_event``: all
    that have a path, together. ``values`` are of ``attribute``; empty where only
    paths were asked for. ``parts``: what the colours of bars mean.
    """

    total: CostRow
    paths: Sequence[Path]
    path_count: int
    outside: Path | None
    per_event: CostRow
    attribute: str
    values: Sequence[Path]
    rest: Path | None
    parts: Sequence[Part]
    said: Sequence[Said]


def router(site: Site) -> APIRouter:
    """``/costs/events``."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/costs/events")
    def cost_events(request: Request) -> Response:
        window, pricing = window_of(request), site.service.pricing
        panel = wants_block(request)
        attribute = request.query_params.get("attribute", "").strip()[:_LONGEST] or ATTRIBUTE
        report, values = site.ask_derived(
            lambda cursor: _read(cursor, window, pricing, None if panel else attribute)
        )
        frame = site.frame(request, "Costs of event traces", "costs")
        page = _page(report, values, attribute, _IN_PANEL if panel else MOST)
        return site.pages.response(request, "cost_events", page, frame, block="panel")

    return routes


def _read(
    cursor: Cursor, window: Window, pricing: Pricing, attribute: str | None
) -> tuple[CostReport, CostReport | None]:
    report = read_costs(cursor, window, pricing, by="event_shape")
    if attribute is None:
        return report, None
    return report, read_value_costs(cursor, window, pricing, attribute, limit=MOST, whole=report)


def _page(
    report: CostReport, values: CostReport | None, attribute: str, most: int
) -> CostEventsPage:
    shapes = [row for row in report.rows if row.kind == "event_shape"]
    found = list(values.rows) if values else []
    told = _paths([row for row in found if row.kind != "outside"], report.total)
    outside = [row for row in report.rows if row.kind == "outside"]
    rest = [row for row in found if row.kind == "outside"]
    return CostEventsPage(
        total=report.total,
        paths=_paths(shapes[:most], report.total),
        path_count=len(shapes),
        outside=_first(outside, report.total),
        per_event=spending.together(shapes),
        attribute=attribute,
        values=told,
        rest=_first(rest, report.total),
        parts=spending.parts(report.total.cost.split),
        said=spending.said(report.rows),
    )


def _first(rows: Sequence[CostRow], total: CostRow) -> Path | None:
    return next(iter(_paths(rows[:1], total)), None)


def _paths(rows: Sequence[CostRow], total: CostRow) -> list[Path]:
    most = spending.dearest(rows)
    return [
        Path(
            row,
            spending.share_of(row.cost, total.cost),
            spending.bars(row.cost.split, most),
            spending.waste(row.cost),
        )
        for row in rows
    ]
