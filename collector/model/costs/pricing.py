"""Prices and what the settings say, in one object that questions of costs are handed."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Self

from collector.model.costs.book import Price, PriceBook, day_ns, day_of, make_book
from collector.model.costs.fees import FREE_FEES, Destination, FeeRate, fee_rate
from collector.model.costs.plans import Place, Terms, rule_of, terms_of
from collector.model.costs.rates import Rate, RateMaker, Unit, Usage
from collector.model.window import Window
from collector.settings import FunctionSettings, QueueSettings, Settings


@dataclass(frozen=True, slots=True)
class Pricing:
    """The book in force, and the rules of the settings by name pattern.

    ``free_tier``: what providers give each account for nothing is taken off. ``budget_usd``: of a
    month, all together.
    """

    book: PriceBook
    functions: Sequence[FunctionSettings] = ()
    queues: Sequence[QueueSettings] = ()
    free_tier: bool = False
    budget_usd: Decimal | None = None

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """As the settings say."""
        return cls(
            make_book(settings.prices),
            settings.functions,
            settings.queues,
            settings.costs.free_tier,
            settings.costs.budget_usd,
        )

    def periods(self, window: Window) -> "Periods":
        """The window cut where prices begin or end, and where months do if tiers may count."""
        bounds = {at for at in self.book.boundaries_ns() if window.since_ns < at < window.until_ns}
        bounds.update(_months_in(window))
        return Periods(window, tuple(sorted(bounds)))

    def terms(self, function: str, place: Place) -> Terms | None:
        """How a function is billed; None where no price per use is known."""
        return terms_of(place, rule_of(self.functions, function))

    def sample_ratio(self, function: str) -> Decimal | None:
        """The share of its spans that is sent, as the settings say; None: they say nothing."""
        ratio = rule_of(self.functions, function).sample_ratio
        return None if ratio is None else Decimal(repr(ratio))

    def rate(self, terms: Terms, memory_mb: int | None, day: date, usage: Usage) -> Rate:
        """What its requests and its time cost on a day of a month with that usage."""
        return self._maker(terms, day, usage).make(memory_mb)

    def units(self, terms: Terms, memory_mb: int | None, day: date) -> list[Unit]:
        """What of each pool its requests and its time use up."""
        maker = self._maker(terms, day, {})
        maker.make(memory_mb)
        return maker.units

    def prices(self, terms: Terms, memory_mb: int | None, day: date) -> list[Price]:
        """The prices its rate is made of."""
        maker = self._maker(terms, day, {})
        maker.make(memory_mb)
        return maker.prices

    def fee(self, place: Destination, day: date) -> FeeRate:
        """What the messages of a destination cost on a day."""
        rate = fee_rate(self.book, place, self.queues, day)
        if self.free_tier and rate.price is not None and rate.price.free_per_month:
            return replace(rate, assumptions=(*rate.assumptions, FREE_FEES))
        return rate

    def _maker(self, terms: Terms, day: date, usage: Usage) -> RateMaker:
        return RateMaker(self.book, terms, day, usage, free=self.free_tier)


@dataclass(frozen=True, slots=True)
class Periods:
    """A window and the times within it at which prices change; between them they do not."""

    window: Window
    bounds_ns: tuple[int, ...]

    def __iter__(self) -> Iterator[Window]:
        edges = (self.window.since_ns, *self.bounds_ns, self.window.until_ns)
        return (Window(since, until) for since, until in pairwise(edges))

    def day(self, number: int) -> date:
        """The first day of a period, 0 being the first: its prices hold for all of it."""
        return day_of((self.window.since_ns, *self.bounds_ns)[number])

    def number_of(self, time_ns: int) -> int:
        """Which period a time lies in."""
        return bisect_right(self.bounds_ns, time_ns)


def _months_in(window: Window) -> Iterable[int]:
    """The beginnings of months inside the window, at most 240 of them."""
    day = day_of(window.since_ns)
    if day <= date.min or day.year > 9000:
        return
    for _ in range(240):
        day = date(day.year + day.month // 12, day.month % 12 + 1, 1)
        if day_ns(day) >= window.until_ns:
            return
        yield day_ns(day)
