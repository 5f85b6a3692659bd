"""Every link to the pages of costs, and what their queries ask for.

As in ``web/urls.py``, a parameter that says nothing is left out.
"""

from dataclasses import dataclass
from urllib.parse import quote

from web.urls import Paged, Query, Range, address, fields_of


@dataclass(frozen=True, slots=True)
class CostQuery(Paged):
    """What the table of costs asks for; ``sort`` begins with a minus for the least first; ``page``
    counts from 2, nothing is the first.
    """

    q: str = ""
    sort: str = ""
    page: str = ""


@dataclass(frozen=True, slots=True)
class PriceQuery(Query):
    """What the list of prices asks for; ``only``: those "used", "unverified", "yours"."""

    q: str = ""
    provider: str = ""
    only: str = ""


def costs(span: Range, filters: CostQuery | None = None) -> str:
    """What everything costs, by function and queue."""
    return address("/costs", fields_of(filters or CostQuery()), span.params())


def cost_events(span: Range, attribute: str = "") -> str:
    """What event traces cost, by path and by the values of a correlation attribute."""
    return address("/costs/events", {"attribute": attribute}, span.params())


def function_costs(name: str, span: Range) -> str:
    """What one function costs."""
    return address(f"/costs/functions/{quote(name, safe='')}", span.params())


def cost_chart(span: Range) -> str:
    """The charts above the table of costs, with the figures behind them."""
    return address("/costs/chart", span.params())


def cost_tile(span: Range) -> str:
    """The tile of the Overview that shows what everything costs."""
    return address("/costs/tile", span.params())


def advice(span: Range) -> str:
    """The month, its budgets, and what would cost less."""
    return address("/costs/advice", span.params())


def costs_file(span: Range, by: str) -> str:
    """The rows of a report as CSV; ``by`` as the API has it."""
    return address("/costs/export.csv", {"by": by}, span.params())


def prices(span: Range, filters: PriceQuery | None = None) -> str:
    """The prices in force."""
    return address("/costs/prices", fields_of(filters or PriceQuery()), span.params())
