"""The prices in force: what, how much, since when, by whom it is told, and whether it is verified.

They come from the package and, before them, from ``[[prices]]`` of the settings.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from fastapi import APIRouter, Request, Response

from collector.errors import BadQuestion
from collector.model.cost import PriceInForce
from collector.model.costs.book import day_of
from collector.store.queries.advice import read_prices
from web.cost_urls import PriceQuery
from web.render import wants_block
from web.site import Site, window_of

ONLY: Final = ("used", "unverified", "yours")


@dataclass(frozen=True, slots=True)
class Product:
    """The prices of one product, such as AWS Lambda's."""

    provider: str
    product: str
    prices: Sequence[PriceInForce]


@dataclass(frozen=True, slots=True)
class PricesPage:
    """``products`` are those the filters leave of ``total`` prices; ``day`` is today, UTC."""

    filters: PriceQuery
    providers: Sequence[str]
    products: Sequence[Product]
    total: int
    used_count: int
    unverified_count: int
    own_count: int
    day: str
    free_tier: bool


def router(site: Site) -> APIRouter:
    """``/costs/prices``."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/costs/prices")
    def prices(request: Request) -> Response:
        query = PriceQuery.of(request.query_params)
        if query.only and query.only not in ONLY:
            raise BadQuestion(f"only {query.only[:40]!r} is none of {', '.join(ONLY)}")
        window, today = window_of(request), day_of(time.time_ns())
        pricing = site.service.pricing
        ask = site.ask if wants_block(request) else site.ask_derived
        known = ask(lambda cursor: read_prices(cursor, window, pricing, today))
        kept = [price for price in known if _matches(price, query)]
        page = PricesPage(
            filters=query,
            providers=sorted({price.provider for price in known}),
            products=_products(kept),
            total=len(known),
            used_count=sum(price.is_used for price in known),
            unverified_count=sum(not price.verified for price in known),
            own_count=sum(_is_own(price) for price in known),
            day=today.isoformat(),
            free_tier=pricing.free_tier,
        )
        frame = site.frame(request, "Prices", "costs")
        return site.pages.response(request, "prices", page, frame, block="results")

    return routes


def _matches(price: PriceInForce, query: PriceQuery) -> bool:
    told = (price.provider, price.product, price.item, price.architecture or "", *price.regions)
    return (
        query.provider in ("", price.provider)
        and (query.only != "used" or price.is_used)
        and (query.only != "unverified" or not price.verified)
        and (query.only != "yours" or _is_own(price))
        and all(
            any(word in text.casefold() for text in told) for word in query.q.casefold().split()
        )
    )


def _is_own(price: PriceInForce) -> bool:
    return price.origin != "built in"


def _products(prices: Sequence[PriceInForce]) -> list[Product]:
    """Those with a price that counts in the range come first."""
    ordered = sorted(prices, key=_name_of)
    found = [Product(*name, tuple(group)) for name, group in groupby(ordered, key=_name_of)]
    return sorted(found, key=lambda each: not any(price.is_used for price in each.prices))


def _name_of(price: PriceInForce) -> tuple[str, str]:
    return price.provider, price.product
