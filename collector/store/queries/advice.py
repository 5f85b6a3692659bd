"""Where the money goes from here: the month, its budgets, and what would cost less."""

import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any, Final

from duckdb import DuckDBPyConnection as Cursor

from collector.model.cost import (
    ZERO,
    Advice,
    BreakEven,
    BudgetState,
    PriceInForce,
    Projection,
    Suggestion,
)
from collector.model.costs.bill import MILLI
from collector.model.costs.book import day_ns, day_of
from collector.model.costs.fees import Destination, FeeKind, kind_of
from collector.model.costs.plans import Plan, Terms
from collector.model.costs.pricing import Pricing
from collector.model.costs.projection import hold_against_budgets, project
from collector.model.costs.rates import Rate
from collector.model.costs.sizing import needed_mb
from collector.model.costs.suggestions import (
    FEWEST,
    MOST_UNITS,
    Ran,
    arm64,
    batch_size,
    memory_size,
    of_break_even,
    provisioned,
)
from collector.model.window import NS_PER_S, Window
from collector.store.queries.cost_cells import read_quantities
from collector.store.queries.cost_rates import Rates
from collector.store.queries.cost_rows import Billed, billed_of
from collector.store.queries.costs import DAY_NS, read_day_costs, read_function_costs
from collector.store.queries.event_costs import message_systems
from collector.store.queries.registry import QUERIES

_MONTH_NS: Final = 730 * 3600 * NS_PER_S
_LEAST_USD: Final = Decimal("0.005")
_MOST: Final = 50


def read_advice(
    cursor: Cursor, window: Window, pricing: Pricing, *, now_ns: int | None = None
) -> Advice:
    """The month of ``now_ns`` (by default the present), and suggestions from the window.

    Suggestions that would save less than half a cent a month are left out.
    """
    at_ns = time.time_ns() if now_ns is None else now_ns
    projection, budgets = _month(cursor, pricing, at_ns)
    reading = _Reading(cursor, window, pricing)
    found = [*reading.suggestions()]
    broken = reading.break_evens()
    found += [
        each
        for one in broken
        if (each := of_break_even(one, reading.month_usd(one.function))) is not None
    ]
    found += reading.batches()
    worth = [each for each in found if each.saving_usd >= _LEAST_USD]
    ordered = sorted(worth, key=lambda each: (-each.saving_usd, each.function, each.kind))
    return Advice(projection, budgets, tuple(ordered[:_MOST]), tuple(broken))


def read_prices(cursor: Cursor, window: Window, pricing: Pricing, day: date) -> list[PriceInForce]:
    """The prices of a day, those marked that something of the window is counted by."""
    rates = Rates(cursor, window, pricing)
    used = []
    for function in rates.places:
        terms = rates.terms(function)
        if terms is not None:
            used += pricing.prices(terms, terms.memory_mb, day)
    fees = (pricing.fee(place, day).price for place in message_systems(cursor))
    used += [each for each in fees if each is not None]
    return pricing.book.in_force(day, used)


def read_projection(
    cursor: Cursor, pricing: Pricing, *, now_ns: int | None = None
) -> tuple[Projection | None, tuple[BudgetState, ...]]:
    """The month and its budgets alone."""
    return _month(cursor, pricing, time.time_ns() if now_ns is None else now_ns)


def _month(
    cursor: Cursor, pricing: Pricing, now_ns: int
) -> tuple[Projection | None, tuple[BudgetState, ...]]:
    today = day_of(now_ns)
    since_ns = min(day_ns(today.replace(day=1)), now_ns - now_ns % DAY_NS - 7 * DAY_NS)
    rows = read_day_costs(cursor, Window(since_ns, now_ns), pricing)
    days = {date.fromisoformat(row.key): row.cost.usd for row in rows if row.cost.usd is not None}
    hours = Decimal(now_ns - day_ns(today)) / (3600 * NS_PER_S)
    projection = project(days, today, hours)
    if projection is None:
        return None, ()
    if not any(rule.budget_usd for rule in pricing.functions):
        return projection, hold_against_budgets(projection, {}, (), pricing.budget_usd)
    month = Window(day_ns(today.replace(day=1)), now_ns)
    costs = read_function_costs(cursor, month, pricing)
    by_function = {name: row.cost.usd for name, row in costs.items() if row.cost.usd is not None}
    budgets = hold_against_budgets(projection, by_function, pricing.functions, pricing.budget_usd)
    return projection, budgets


class _Reading:
    """Amounts of the window by function and memory size, each with its rate."""

    def __init__(self, cursor: Cursor, window: Window, pricing: Pricing) -> None:
        self._cursor, self._window, self._pricing = cursor, window, pricing
        self._rates = Rates(cursor, window, pricing)
        quantities, noticed = read_quantities(cursor, window)
        self._used = noticed.used_mb
        self._last = len(self._rates.periods.bounds_ns)  # the prices of the window's end
        self._billed: dict[str, list[Billed]] = defaultdict(list)
        for row in map(billed_of, quantities):
            terms = self._rates.terms(row.function)
            if terms is not None and terms.plan is Plan.LAMBDA:
                self._billed[row.function].append(row)

    def suggestions(self) -> list[Suggestion]:
        """Memory sizes and arm64."""
        found = []
        for function in self._billed:
            sizes = self._sizes(function)
            per_month = self._per_month(function)
            used = self._used.get(function)
            needed = None if used is None else needed_mb(used)
            found.append(memory_size(function, sizes, needed, used, per_month))
            found.append(self._arm64(function, sizes, per_month))
        return [each for each in found if each is not None]

    def break_evens(self) -> list[BreakEven]:
        """Of the functions with enough invocations that have no provisioned concurrency yet."""
        wanted = [
            function
            for function in self._billed
            if sum((each.count for each in self._sizes(function)), ZERO) >= FEWEST
            and not self._terms(function).provisioned_concurrency
        ]
        rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for row in cost_concurrency(
            self._cursor,
            since_ns=self._window.since_ns,
            until_ns=self._window.until_ns,
            functions=wanted,
            most_units=MOST_UNITS,
        ):
            rows[row["function"]].append(row)
        found = [self._break_even(function, each) for function, each in rows.items()]
        return sorted(
            (each for each in found if each is not None),
            key=lambda each: (each.difference_usd, each.function),
        )

    def batches(self) -> list[Suggestion]:
        """Of queues whose poller bills by batch."""
        places = {each.name: each for each in message_systems(self._cursor)}
        found = []
        for row in cost_batches(
            self._cursor, since_ns=self._window.since_ns, until_ns=self._window.until_ns
        ):
            function, queue = row["function"], row["queue"]
            place = places.get(queue, Destination(queue))
            kind = kind_of(place, self._pricing.queues)
            if function not in self._billed or kind not in (FeeKind.SQS, FeeKind.SQS_FIFO):
                continue
            rate = self._rate(function, None)
            found.append(
                batch_size(
                    function,
                    queue,
                    Decimal(row["messages"]),
                    Decimal(repr(row["batches"])),
                    rate.usd_per_request,
                    self._rates.fee(place, self._last).usd_per_batch,
                    self._per_month(function),
                )
            )
        return [each for each in found if each is not None]

    def month_usd(self, function: str) -> Decimal:
        """What a month of it costs at the window's rate, without initialisation."""
        usd = sum((each.usd_each * each.count for each in self._sizes(function)), ZERO)
        return usd * self._per_month(function)

    def _sizes(self, function: str) -> list[Ran]:
        """By memory size, the one in use last: that which its settings or newest telemetry say."""
        found = []
        for row in self._billed[function]:
            count = sum((each.requests for each in row.plain), ZERO) / MILLI
            exec_us = sum((each.exec_us for each in row.plain), ZERO)
            rate = self._rate(function, row.memory_mb)
            if count > 0 and rate.memory_mb is not None:
                found.append(Ran(rate.memory_mb, count, exec_us, rate))
        newest = self._terms(function).memory_mb
        return sorted(found, key=lambda each: (each.memory_mb == newest, each.memory_mb))

    def _arm64(self, function: str, sizes: Sequence[Ran], per_month: Decimal) -> Suggestion | None:
        terms = self._terms(function)
        if terms.architecture == "arm64":
            return None
        other = replace(terms, architecture="arm64")
        day = self._rates.periods.day(self._last)
        pairs = [(ran, self._pricing.rate(other, ran.memory_mb, day, {})) for ran in sizes]
        told = all(each.code != "architecture_assumed" for each in terms.assumptions)
        return arm64(function, pairs, per_month, is_told=told)

    def _break_even(self, function: str, rows: Sequence[dict[str, Any]]) -> BreakEven | None:
        terms = self._terms(function)
        sizes = self._sizes(function)
        day = self._rates.periods.day(self._last)
        held = self._pricing.rate(
            replace(terms, provisioned_concurrency=1), sizes[-1].memory_mb, day, {}
        )
        return provisioned(
            function,
            {row["units"]: Decimal(repr(row["busy_us"])) for row in rows},
            Decimal(self._watched_ns(function)) / 1000,
            sizes[-1].rate,
            held,
            rows[0]["colds"],
            self._per_month(function),
        )

    def _terms(self, function: str) -> Terms:
        terms = self._rates.terms(function)
        assert terms is not None  # those without a price are left out at the start
        return terms

    def _rate(self, function: str, memory_mb: int | None) -> Rate:
        rate = self._rates.rate(function, memory_mb, self._last)
        assert rate is not None
        return rate

    def _per_month(self, function: str) -> Decimal:
        return Decimal(_MONTH_NS) / self._watched_ns(function)

    def _watched_ns(self, function: str) -> int:
        """How much of the window the function was known; an hour at least, which says little."""
        since_ns = max(self._window.since_ns, self._rates.since_ns(function))
        return max(self._window.until_ns - since_ns, min(3600 * NS_PER_S, self._window.length_ns))


@QUERIES.question
def cost_concurrency(
    cursor: Cursor, *, since_ns: int, until_ns: int, functions: Sequence[str], most_units: int
) -> list[dict[str, Any]]:
    """Rows by function and number of units: time they would have worked, and cold starts."""
    return QUERIES.records(
        cursor,
        "cost_concurrency",
        since_ns=since_ns,
        until_ns=until_ns,
        functions=list(functions),
        most_units=most_units,
    )


@QUERIES.question
def cost_batches(cursor: Cursor, *, since_ns: int, until_ns: int) -> list[dict[str, Any]]:
    """Rows by function and queue: messages taken and batches they came in."""
    return QUERIES.records(cursor, "cost_batches", since_ns=since_ns, until_ns=until_ns)
