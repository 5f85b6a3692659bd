"""Money of many quantities added up: a price for each, and no object for each of their costs."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from collector.model.cost import ZERO, Assumption, Cost, Split
from collector.model.costs import bill
from collector.model.costs.bill import MILLI, UNKNOWN_DURATION, UNKNOWN_PLATFORM, over_share
from collector.model.costs.quantities import (
    EXEC_US,
    FLEX_US,
    INIT_US,
    REQUESTS,
    SCALED,
    UNTOLD,
    Quantity,
)
from collector.model.costs.rates import Rate

# Places of the parts of a cost, in the order of the fields of Split.
_USEFUL, _COLD_START, _RETRY, _FAILED, _MEMORY = 0, 1, 2, 4, 5
_PARTS: Final = len(Split.__dataclass_fields__)
_BY_FATE: Final = (_USEFUL, _FAILED, _RETRY)


@dataclass(frozen=True, slots=True)
class Priced:
    """What the quantities of a function at a memory size cost in a period.

    ``prices``: (place of a quantity, place of a part of a cost, dollars of one). ``weight``: how
    many each stands for, which is in the prices.
    """

    prices: tuple[tuple[int, int, Decimal], ...]
    assumptions: tuple[Assumption, ...]
    weight: Decimal = Decimal(1)


def priced(
    rate: Rate,
    needed_mb: int | None,
    said: Iterable[Assumption] = (),
    weight: Decimal = Decimal(1),
) -> Priced:
    """The rate by quantity and part, as :func:`~collector.model.costs.bill.bill` has it.

    ``needed_mb``: what the function needs of memory; None: not known. ``said`` is assumed besides.
    ``weight``: for how many each stands.
    """
    over_usd = rate.usd_per_memory_us * over_share(rate.memory_mb, needed_mb)
    work = FLEX_US if rate.is_flex else EXEC_US
    found = [(INIT_US, _COLD_START, rate.usd_per_init_us), (work, _MEMORY, over_usd)]
    for fate, part in enumerate(_BY_FATE):
        found.append((REQUESTS + fate, part, rate.usd_per_request / MILLI))
        spared = over_usd if part == _USEFUL else ZERO
        found.append((work + fate, part, rate.usd_per_us - spared))
    prices = tuple((place, part, usd * weight) for place, part, usd in found if usd)
    return Priced(prices, (*rate.assumptions, *said), weight)


@dataclass(slots=True)
class Sum:
    """Quantities added up. ``known``: whether any has a price."""

    parts: list[Decimal] = field(default_factory=lambda: [ZERO] * _PARTS)
    requests: Decimal = ZERO
    successes: Decimal = ZERO
    known: bool = False
    _said: set[tuple[Assumption, ...]] = field(default_factory=set)
    _more: set[Assumption] = field(default_factory=set)

    def add(self, quantity: Quantity, price: Priced | None) -> None:
        """One more; None: nothing has a price where it ran."""
        amounts = quantity.amounts
        weight = Decimal(1) if price is None else price.weight
        self.successes += amounts[REQUESTS] * weight
        self.requests += quantity.requests * weight
        if price is None:
            self._more.add(UNKNOWN_PLATFORM)
            return
        self.known = True
        parts = self.parts
        for place, part, usd in price.prices:
            if amounts[place]:
                parts[part] += amounts[place] * usd
        self._said.add(price.assumptions)
        if amounts[UNTOLD]:
            self._more.add(UNKNOWN_DURATION)
        if amounts[SCALED]:
            self._more.add(bill.SCALED)

    @property
    def cost(self) -> Cost:
        """Of all: a floor where some have no price, unknown where none has."""
        said = set(self._more).union(*self._said)
        if not self.known:
            return Cost(None, assumptions=tuple(sorted(said)))
        return Cost.of(Split(*self.parts), said)  # what has no price is said, and makes it a floor
