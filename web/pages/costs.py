"""Costs: the total, by function and queue, where it is wasted, what is assumed.

``/costs/export.csv`` holds the rows of the same report.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from duckdb import DuckDBPyConnection as Cursor
from fastapi import APIRouter, Request, Response

from collector.errors import BadQuestion
from collector.model.cost import CostReport, CostRow
from collector.model.costs.pricing import Pricing
from collector.model.window import Window
from collector.store.queries.costs import GROUPS, read_costs
from collector.store.queries.event_steps import count_event_steps
from web import cost_file, spending
from web.cost_urls import CostQuery
from web.render import wants_block
from web.site import Site, window_of
from web.spending import Bar, Part, Said
from web.urls import Range

PER_PAGE: Final = 30

Key = Callable[[CostRow], Decimal | float | str | None]
SORTS: Final[Mapping[str, Key]] = {
    "cost": lambda row: row.cost.usd if row.cost.is_told else None,
    "name": lambda row: row.label,
    "invocations": lambda row: row.invocation_count or None,
    "unit": lambda row: row.per_success_usd,
    "waste": lambda row: spending.waste(row.cost),
}


@dataclass(frozen=True, slots=True)
class Spent:
    """A row of the table. ``share``: of the total, ``waste``: of its own cost; None: unknown."""

    row: CostRow
    bars: Sequence[Bar]
    share: float | None
    waste: float | None


@dataclass(frozen=True, slots=True)
class CostsPage:
    """``total`` is of everything, ``rows`` a page of the ``found`` of ``count`` rows.

    ``per_event_usd``: all of it, for each of the ``event_count`` event traces that began.
    ``change``: against the period before, None where that is unknown.
    """

    filters: CostQuery
    total: CostRow
    before_usd: Decimal | None
    change: float | None
    waste: float | None
    parts: Sequence[Part]
    per_event_usd: Decimal | None
    event_count: int
    rows: Sequence[Spent]
    count: int
    found: int
    page: int
    pages: int
    said: Sequence[Said]


def router(site: Site) -> APIRouter:
    """``/costs`` and its file."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/costs")
    def costs(request: Request) -> Response:
        window, query = window_of(request), CostQuery.of(request.query_params)
        key, number = _asked(query)
        ask = site.ask if wants_block(request) else site.ask_derived
        report, began = ask(lambda cursor: _read(cursor, window, site.service.pricing))
        page = _page(report, began, query, key, number)
        frame = site.frame(request, "Costs", "costs", charts=True)
        return site.pages.response(request, "costs", page, frame, block="results")

    @routes.get("/costs/export.csv")
    def export(request: Request, by: str = "function") -> Response:
        window, pricing = window_of(request), site.service.pricing
        if by not in GROUPS:
            raise BadQuestion(f"by {by[:40]!r} is none of {', '.join(GROUPS)}")
        report = site.ask_derived(lambda cursor: read_costs(cursor, window, pricing, by=by))
        name = cost_file.name_of(by, Range.of(request.query_params))
        return Response(
            cost_file.text_of(report),
            media_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )

    return routes


def _read(cursor: Cursor, window: Window, pricing: Pricing) -> tuple[CostReport, int]:
    began = count_event_steps(cursor, window, window.length_ns)
    return read_costs(cursor, window, pricing), sum(began.values())


def _asked(query: CostQuery) -> tuple[Key, int]:
    sort = query.sort.removeprefix("-") or "cost"
    if sort not in SORTS:
        raise BadQuestion(f"sort {sort[:40]!r} is none of {', '.join(SORTS)}")
    if query.page and not (query.page.isascii() and query.page.isdigit()):
        raise BadQuestion(f"page {query.page[:40]!r} is not a number from 1 on")
    return SORTS[sort], max(1, int(query.page[:6] or 1))


def _page(
    report: CostReport, event_count: int, query: CostQuery, key: Key, number: int
) -> CostsPage:
    total = report.total
    kept = [row for row in report.rows if query.q.casefold() in row.label.casefold()]
    ordered = _sorted(kept, key, reverse=query.sort.startswith("-"))
    return CostsPage(
        filters=query,
        total=total,
        before_usd=report.before_usd,
        change=spending.change(total.cost.usd, report.before_usd),
        waste=spending.waste(total.cost),
        parts=spending.parts(total.cost.split),
        per_event_usd=spending.each(total.cost.usd, event_count),
        event_count=event_count,
        rows=_spent(ordered[(number - 1) * PER_PAGE :][:PER_PAGE], total, spending.dearest(kept)),
        count=len(report.rows),
        found=len(kept),
        page=number,
        pages=max(1, -(-len(kept) // PER_PAGE)),
        said=spending.said(report.rows),
    )


def _spent(rows: Sequence[CostRow], total: CostRow, most: Decimal) -> list[Spent]:
    return [
        Spent(
            row=row,
            bars=spending.bars(row.cost.split, most),
            share=spending.share_of(row.cost, total.cost),
            waste=spending.waste(row.cost),
        )
        for row in rows
    ]


def _sorted(rows: Sequence[CostRow], key: Key, *, reverse: bool) -> list[CostRow]:
    """The most first, names from a on; what is unknown comes last either way."""
    known = [row for row in rows if key(row) is not None]
    unknown = [row for row in rows if key(row) is None]
    if key is SORTS["name"]:
        return sorted(rows, key=lambda row: row.label, reverse=reverse)
    known.sort(key=lambda row: row.label)
    known.sort(key=lambda row: key(row) or 0, reverse=not reverse)
    return known + sorted(unknown, key=lambda row: row.label)
