"""The price book: list prices by provider, product, item, region, architecture and day.

The prices of the package lie in ``prices.toml``; those of the user's settings come first. A price
is found for the region itself, else the one given for any region ("*"), which the figure then says
unless it is the user's own.
"""

import tomllib
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final

from collector.errors import SettingsError
from collector.model.cost import PriceInForce
from collector.settings import PriceSettings

ANY_REGION: Final = "*"
BUILT_IN, OWN = "built in", "your settings"
_NS_PER_S: Final = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Price:
    """One price. ``tiers``: (up to how many units of a month, price of one), the last without end.

    ``since`` is included, ``until`` is not; None: still in force.
    """

    provider: str
    product: str
    item: str
    unit: str
    tiers: tuple[tuple[Decimal | None, Decimal], ...]
    regions: tuple[str, ...] = (ANY_REGION,)
    architecture: str | None = None
    free_per_month: Decimal = Decimal(0)
    since: date = date(2020, 1, 1)
    until: date | None = None
    source: str = ""
    verified: bool = True
    origin: str = BUILT_IN

    @property
    def name(self) -> str:
        """How sentences call it: ``aws lambda duration (arm64)``."""
        kind = f" ({self.architecture})" if self.architecture else ""
        return f"{self.provider} {self.product} {self.item}{kind}"

    def in_force(self, day: date) -> bool:
        return self.since <= day and (self.until is None or day < self.until)

    def average_usd(
        self, month_units: Decimal, *, free: bool, free_share: Decimal = Decimal(1)
    ) -> Decimal:
        """The price of one unit when a month has so many: tiers and the free amount are shared out.

        Over the month, so that what is counted of it by function, day or event trace adds up.
        ``free_share``: of the free amount, the rest of which other regions and architectures use.
        """
        if month_units <= 0:
            return Decimal(0) if free and self.free_per_month else self.tiers[0][1]
        total, reached = Decimal(0), Decimal(0)
        free_units = self.free_per_month * free_share if free else Decimal(0)
        for up_to, usd in self.tiers:
            end = month_units if up_to is None else min(month_units, up_to)
            total += max(Decimal(0), end - max(reached, free_units)) * usd
            reached = max(reached, end)
        return total / month_units


@dataclass(frozen=True, slots=True)
class Found:
    """A price that was looked up; ``is_for_region`` False: the region has none of its own."""

    price: Price
    is_for_region: bool


class PriceBook:
    """Prices, the user's own before those of the package."""

    def __init__(self, prices: Iterable[Price]) -> None:
        self.prices = tuple(prices)

    def find(
        self,
        provider: str,
        product: str,
        item: str,
        day: date,
        *,
        region: str | None = None,
        architecture: str | None = None,
    ) -> Found | None:
        """The price in force that day; None when the book has none."""
        fallback: Price | None = None
        for price in self.prices:
            if (price.provider, price.product, price.item) != (provider, product, item):
                continue
            if price.architecture not in (None, architecture) or not price.in_force(day):
                continue
            if region is not None and region in price.regions:
                return Found(price, True)
            if ANY_REGION in price.regions:
                if price.origin == OWN:
                    return Found(price, True)
                fallback = fallback or price
        if fallback is None:
            return None
        # A provider whose prices are the same everywhere names no regions at all.
        known = region is None or fallback.regions == (ANY_REGION,)
        return Found(fallback, known)

    def boundaries_ns(self) -> tuple[int, ...]:
        """When a price begins or ends, in order; ns since the epoch."""
        days = {day for each in self.prices for day in (each.since, each.until) if day}
        return tuple(sorted(day_ns(day) for day in days))

    def in_force(self, day: date, used: Collection[Price] = ()) -> list[PriceInForce]:
        """Every price of that day as the page of prices shows it; ``used`` are marked."""
        return [
            replace(_shown(each), is_used=each in used)
            for each in self.prices
            if each.in_force(day)
        ]


def day_ns(day: date) -> int:
    """When a day begins, UTC."""
    return int(datetime.combine(day, time(), UTC).timestamp()) * _NS_PER_S


def day_of(time_ns: int) -> date:
    """The day of a time, UTC; the first or last there is for times beyond."""
    try:
        return datetime.fromtimestamp(time_ns // _NS_PER_S, UTC).date()
    except (ValueError, OverflowError, OSError):
        return date.max if time_ns > 0 else date.min


def make_book(own: Iterable[PriceSettings] = ()) -> PriceBook:
    """The book with the prices of the settings before those of the package.

    Raises:
        SettingsError: a price of the settings is of nothing that is billed.
    """
    mine = [_own(each) for each in own]
    known = {(each.provider, each.product, each.item) for each in _built_in()}
    for price in mine:
        if (price.provider, price.product, price.item) not in known:
            near = sorted(" ".join(each) for each in known if each[0] == price.provider)
            raise SettingsError(
                f"prices: nothing is billed as {price.provider} {price.product} {price.item}: "
                f"use one of {', '.join(near)}"
            )
    return PriceBook([*mine, *_built_in()])


@lru_cache(maxsize=1)
def _built_in() -> tuple[Price, ...]:
    text = files("collector.model.costs").joinpath("prices.toml").read_text("utf-8")
    return tuple(_own(PriceSettings(**each), BUILT_IN) for each in tomllib.loads(text)["prices"])


def _own(said: PriceSettings, origin: str = OWN) -> Price:
    fields: dict[str, Any] = said.model_dump(exclude={"usd", "tiers"})
    tiers = tuple((each.up_to, each.usd) for each in said.tiers)
    if said.usd is not None:
        tiers = ((None, said.usd),)
    return Price(tiers=tiers, origin=origin, **fields)


def _shown(price: Price) -> PriceInForce:
    return PriceInForce(
        provider=price.provider,
        product=price.product,
        item=price.item,
        architecture=price.architecture,
        regions=price.regions,
        unit=price.unit,
        tiers=price.tiers,
        free_per_month=price.free_per_month,
        since=price.since.isoformat(),
        until=price.until.isoformat() if price.until else None,
        source=price.source,
        verified=price.verified,
        origin=price.origin,
    )
