"""``/api/v1/costs``: what things cost, how that went over time, and the prices in force."""

import time
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from typing_extensions import TypedDict

from collector.errors import BadQuestion
from collector.model.costs.book import day_of
from collector.service import Service
from collector.store.queries.advice import read_advice, read_prices
from collector.store.queries.costs import read_cost_series, read_costs, read_version_report
from collector.store.queries.event_costs import read_value_costs
from web.api.advice_shapes import AdviceJson, advice_json
from web.api.cost_shapes import (
    CostPointJson,
    CostsJson,
    PriceJson,
    cost_point_json,
    costs_json,
    price_json,
)
from web.api.parameters import Limit, Text, WindowParam, answer

_By = Literal["function", "day", "event_shape", "correlation", "version"]

_ATTRIBUTE = (
    "Of by=correlation: an attribute of spans or resources, such as order_id; or tenant or "
    "correlation_id, as event traces have them"
)


class CostSeries(TypedDict):
    """Costs over time, of all functions or of one, without fees of queues."""

    series: list[CostPointJson]


class Prices(TypedDict):
    """The prices in force today, your own first."""

    prices: list[PriceJson]


def router(service: Service) -> APIRouter:
    """The calls about costs."""
    routes = APIRouter(tags=["costs"])

    @routes.get("/costs", responses={200: {"model": CostsJson}})
    def costs(
        window: WindowParam,
        by: Annotated[_By, Query(description="Totals are the same whatever it is")] = "function",
        attribute: Annotated[str, Query(max_length=200, description=_ATTRIBUTE)] = "correlation_id",
        function: Annotated[str | None, Query(max_length=200, description="Of by=version")] = None,
        limit: Limit = 100,
    ) -> Response:
        """What began in the window cost, at list prices, with what that takes for granted."""
        if by == "version":
            if not function:
                raise BadQuestion("by=version needs function: versions are those of one function")
            report = service.ask_derived(
                lambda store: read_version_report(store, window, service.pricing, function)
            )
        elif by == "correlation":
            report = service.ask_derived(
                lambda store: read_value_costs(
                    store, window, service.pricing, attribute, limit=limit
                )
            )
        else:
            report = service.ask_derived(
                lambda store: read_costs(store, window, service.pricing, by=by)
            )
        return answer(costs_json(report))

    @routes.get("/costs/series", responses={200: {"model": CostSeries}})
    def series(
        window: WindowParam,
        function: Text = None,
        steps: Annotated[int, Query(ge=1, le=1000)] = 60,
    ) -> Response:
        """Costs in about so many steps of the window."""
        points = service.ask_derived(
            lambda store: read_cost_series(
                store, window, service.pricing, function=function or None, steps=steps
            )
        )
        return answer(CostSeries(series=[cost_point_json(each) for each in points]))

    @routes.get("/costs/advice", responses={200: {"model": AdviceJson}})
    def advice(window: WindowParam) -> Response:
        """The present month, its budgets, and what would cost less at the window's rate."""
        found = service.ask_derived(lambda store: read_advice(store, window, service.pricing))
        return answer(advice_json(found))

    @routes.get("/prices", responses={200: {"model": Prices}})
    def prices(window: WindowParam) -> Response:
        """The price book: built in, and `[[prices]]` of the settings; which of them count."""
        today = day_of(time.time_ns())
        found = service.ask_derived(
            lambda store: read_prices(store, window, service.pricing, today)
        )
        return answer(Prices(prices=[price_json(each) for each in found]))

    return routes
