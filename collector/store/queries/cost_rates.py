"""The rates that hold in a window: where functions run, what they need, what months used up."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal

from duckdb import DuckDBPyConnection as Cursor

from collector.model.cost import Assumption, Cost
from collector.model.costs.bill import (
    MILLI,
    PROVISIONED_UNKNOWN,
    SAMPLING_UNKNOWN,
    SCALED,
    SCALED_AS_SET,
    UNKNOWN_DURATION,
    UNKNOWN_PLATFORM,
    bill,
    total,
)
from collector.model.costs.book import day_ns
from collector.model.costs.fees import Destination, FeeRate
from collector.model.costs.plans import Place, Terms
from collector.model.costs.pricing import Periods, Pricing
from collector.model.costs.quantities import Noticed, Quantity
from collector.model.costs.rates import PoolKey, Rate, Usage
from collector.model.costs.sizing import needed_mb
from collector.model.costs.summing import Priced, priced
from collector.model.window import Window
from collector.store.queries.cost_rows import (
    Billed,
    Seen,
    cost_month,
    cost_month_us,
    cost_places,
    cost_used,
)

# Tiers begin at 6 billion GB-s a month; a window with less than this is far from it.
_FAR_FROM_TIERS = 10**13  # µs


class Rates:
    """Prices amounts of one window; reads what it needs once.

    ``others``: those of another window of the same functions, which have read the same.
    """

    def __init__(
        self,
        cursor: Cursor,
        window: Window,
        pricing: Pricing,
        function: str | None = None,
        *,
        others: "Rates | None" = None,
    ) -> None:
        self.window, self.pricing = window, pricing
        self.periods: Periods = pricing.periods(window)
        self._cursor = cursor
        self._seen: dict[str, Seen] = (
            others._seen if others else cost_places(cursor, function=function)
        )
        self._places = dict(self._seen)
        self._noticed = Noticed()
        self._terms: dict[str, Terms | None] = {}
        self._rates: dict[tuple[str, int | None, int], Rate | None] = {}
        self._priced: dict[tuple[str, int, bool, int], Priced | None] = {}
        self._usage: dict[date, Usage] = others._usage if others else {}
        self._fees: dict[tuple[str, int], FeeRate] = {}
        self._confirmed: set[str] = set()
        self._destinations: dict[str, Destination] = {}

    @property
    def places(self) -> dict[str, Seen]:
        return self._places

    def since_ns(self, function: str) -> int:
        """When the function was first seen."""
        return self._places.get(function, Seen()).since_ns

    def app(self, function: str) -> str | None:
        """The Azure app it is a function of."""
        return self._places.get(function, Seen()).app

    def fee(self, place: Destination, period: int) -> FeeRate:
        """What the messages of a destination cost in a period."""
        key = (place.name, period)
        if key not in self._fees:
            self._fees[key] = self.pricing.fee(place, self.periods.day(period))
        return self._fees[key]

    def destination(self, name: str) -> Destination:
        """A destination of messages that was made known, else one of which nothing is."""
        return self._destinations.get(name, Destination(name))

    def add_destination(self, place: Destination) -> None:
        """What runs a destination of messages."""
        self._destinations[place.name] = place

    def add_places(self, places: Mapping[str, Place]) -> None:
        """Where functions run that metrics alone tell of."""
        for name, place in places.items():
            self._places.setdefault(name, Seen(place))

    def notice(self, found: Noticed) -> None:
        """What amounts of a part of the window tell of functions."""
        for name in found.used_mb.keys() | found.memory_mb.keys() | found.provisioned:
            self._noticed.add(
                name,
                found.used_mb.get(name),
                found.memory_mb.get(name, 0),
                int(name in found.provisioned),
            )

    def read_used(self, functions: Sequence[str]) -> None:
        """Reads the most memory these functions used."""
        window = self.window
        used = cost_used(
            self._cursor,
            since_ns=window.since_ns,
            until_ns=window.until_ns,
            functions=functions,
        )
        self.notice(Noticed(used_mb=used))

    def memory_mb(self, function: str) -> int | None:
        """The memory of a function as a whole: as it is set, else the largest size seen."""
        terms = self.terms(function)
        told = None if terms is None else terms.memory_mb
        return told or self._noticed.memory_mb.get(function)

    def place(self, function: str) -> Place:
        return self._places.get(function, Seen()).place

    def needed_mb(self, function: str) -> int | None:
        """The memory it needs, by the most any of its invocations used in the window."""
        used = self._noticed.used_mb.get(function)
        return None if used is None else needed_mb(used)

    def terms(self, function: str) -> Terms | None:
        if function not in self._terms:
            self._terms[function] = self.pricing.terms(function, self.place(function))
        return self._terms[function]

    def rate(self, function: str, memory_mb: int | None, period: int) -> Rate | None:
        """What the function costs at a memory size in a period; None: no price per use."""
        key = (function, memory_mb, period)
        if key not in self._rates:
            terms = self.terms(function)
            day = self.periods.day(period)
            self._rates[key] = (
                None
                if terms is None
                else self.pricing.rate(terms, memory_mb, day, self._usage_of(day))
            )
        return self._rates[key]

    def priced(self, quantity: Quantity, period: int) -> Priced | None:
        """What such quantities cost, once all that is told of its function is noticed."""
        key = (quantity.function, quantity.memory_mb, quantity.unrated, period)
        if key not in self._priced:
            rate = self.rate(quantity.function, quantity.memory_mb or None, period)
            needed = self.needed_mb(quantity.function)
            said = [] if rate is None else self._said(quantity.function, rate)
            said += self._sampling(quantity.function, unrated=quantity.unrated)
            weight = self._weight(quantity.function, unrated=quantity.unrated)
            self._priced[key] = None if rate is None else priced(rate, needed, said, weight)
        return self._priced[key]

    def scaled_count(self, quantity: Quantity) -> float:
        """Of how many invocations it tells."""
        weight = self._weight(quantity.function, unrated=quantity.unrated)
        return float(quantity.requests * weight) / 1000

    def _weight(self, function: str, *, unrated: bool) -> Decimal:
        weight = self.sample_weight(function) if unrated else None
        return Decimal(1) if weight is None else weight

    def _said(self, function: str, rate: Rate) -> list[Assumption]:
        held = function in self._noticed.provisioned and not rate.held_usd_per_s
        return [PROVISIONED_UNKNOWN] if held else []

    def cost(self, billed: Iterable[Billed], period: int) -> Cost:
        """The cost of amounts of one period together; unknown where none has a price."""
        result: Cost | None = None
        for each in billed:
            cost = self._cost(each, period)
            result = cost if result is None else result + cost
        return result or Cost(None)

    def sample_weight(self, function: str) -> Decimal | None:
        """For how many spans one stands, by the settings, that says nothing; None: nor do they."""
        ratio = self.pricing.sample_ratio(function)
        return None if ratio is None else 1 / ratio

    def scaled(self, billed: Billed) -> Billed:
        """With what the settings say of sampling, where telemetry says nothing."""
        weight = self._weight(billed.function, unrated=billed.unrated)
        return billed if weight == 1 else billed.times(weight)

    def confirm(self, functions: Iterable[str]) -> None:
        """Functions of which metrics tell no more invocations than came."""
        self._confirmed.update(functions)

    def _cost(self, told: Billed, period: int) -> Cost:
        billed = self.scaled(told)
        rate = self.rate(billed.function, billed.memory_mb, period)
        if rate is None:
            return Cost(None, assumptions=(UNKNOWN_PLATFORM,))
        needed = self.needed_mb(billed.function)
        amounts = billed.flex if rate.is_flex else billed.plain
        said = {*rate.assumptions, *self._said(billed.function, rate)}
        if billed.untold:
            said.add(UNKNOWN_DURATION)
        if told.scaled:
            said.add(SCALED)
        said.update(self._sampling(told.function, unrated=told.unrated))
        return Cost.of(total(bill(each, rate, needed) for each in amounts), said)

    def _sampling(self, function: str, *, unrated: bool) -> list[Assumption]:
        """What is taken for granted of spans that say nothing of sampling."""
        if not unrated:
            return []
        weight = self.sample_weight(function)
        if weight is None:
            return [] if function in self._confirmed else [SAMPLING_UNKNOWN]
        return [] if weight == 1 else [SCALED_AS_SET]

    def _usage_of(self, day: date) -> Usage:
        """What the month of a day used of each pool; nothing where tiers cannot count."""
        month = day.replace(day=1)
        if month not in self._usage:
            self._usage[month] = {}  # while the month is read, its own rates do not count
            self._usage[month] = self._read_usage(month)
        return self._usage[month]

    def _read_usage(self, month: date) -> Usage:
        following = date(month.year + month.month // 12, month.month % 12 + 1, 1)
        within = {"since_ns": day_ns(month), "until_ns": day_ns(following)}
        if not self.pricing.free_tier and cost_month_us(self._cursor, **within) < _FAR_FROM_TIERS:
            return {}
        rows = cost_month(self._cursor, **within)
        known = cost_places(self._cursor, function=None)
        used: dict[PoolKey, Decimal] = defaultdict(Decimal)
        for told in rows:
            row = self.scaled(told)
            place = known.get(row.function, Seen(self.place(row.function))).place
            terms = self.pricing.terms(row.function, place)
            if terms is None:
                continue
            for unit in self.pricing.units(terms, row.memory_mb, month):
                for each in row.flex if terms.plan == "functions_flex" else row.plain:
                    used[unit.pool] += (
                        each.requests / MILLI * unit.per_request
                        + each.exec_us * unit.per_us
                        + each.init_us * unit.per_init_us
                    )
        return used
