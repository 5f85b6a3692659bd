"""One window read for its costs: amounts of functions with their rates, metrics, capacity held."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise
from typing import Any, Final, TypeVar

from duckdb import DuckDBPyConnection as Cursor

from collector.model.cost import FLOORS, Assumption, Cost, CostRow, Split
from collector.model.costs.fees import WORKFLOWS
from collector.model.costs.pricing import Pricing
from collector.model.costs.quantities import Noticed, Quantity
from collector.model.costs.summing import Sum
from collector.model.window import NS_PER_S, Window
from collector.store.queries.cost_cells import fees_told, read_quantities
from collector.store.queries.cost_rates import Rates
from collector.store.queries.cost_reports import how_told, reported_amounts
from collector.store.queries.cost_rows import (
    Billed,
    Sent,
    billed_of,
    cost_messages,
    cost_repeated_events,
    cost_repeats,
    workflow_metrics,
)
from collector.store.queries.share_rows import shared_messages

K = TypeVar("K")
Counted = tuple[list[Quantity], Noticed]
"""As :func:`read_quantities` gives them."""

HELD: Final = Assumption("provisioned_held", "capacity held is counted for the whole window")
_FEW: Final = 10  # invocations at the ends of the window


@dataclass(frozen=True, slots=True)
class Held:
    """Provisioned capacity of a function over a part of the window."""

    function: str
    since_ns: int
    until_ns: int
    cost: Cost


class CostReading:
    """One window: amounts by function, the rates for them, and what else costs."""

    def __init__(
        self,
        cursor: Cursor,
        window: Window,
        pricing: Pricing,
        function: str | None = None,
        *,
        splits: bool = True,
        others: Rates | None = None,
        counted: Counted | None = None,
    ) -> None:
        """``splits``: whether to tell retries and duplicates of messages; totals need it not.

        ``others``: the rates of another window of the same functions. ``counted``: the quantities
        of the window in one step, where they were read already.
        """
        self.cursor, self.window = cursor, window
        self._splits = splits
        self._reported: dict[str, float] = {}
        self._function = function
        self._counted = counted
        self._known: dict[int, _Told] = {}
        self.rates = Rates(cursor, window, pricing, function, others=others)

    def billed(self, *, step_ns: int, each_version: bool = False) -> list[tuple[int, list[Billed]]]:
        """By number of period: what invocations were billed for."""
        quantities = self._quantities(step_ns, each_version=each_version)
        moved = self._moved(step_ns, each_version=each_version)
        return [
            (number, [*map(billed_of, found), *moved[number][1]]) for number, found in quantities
        ]

    def _quantities(
        self, step_ns: int, *, each_version: bool = False
    ) -> list[tuple[int, list[Quantity]]]:
        """By number of period; all of them are noticed before any is priced."""
        periods = list(self.rates.periods)
        if self._counted and step_ns == 0 and not each_version and len(periods) == 1:
            found, noticed = self._counted
            self.rates.notice(noticed)
            return [(0, found)]
        result = []
        for number, part in enumerate(periods):
            found, noticed = read_quantities(
                self.cursor,
                part,
                step_ns=step_ns,
                each_version=each_version,
                function=self._function,
            )
            self.rates.notice(noticed)
            result.append((number, found))
        return result

    def _moved(self, step_ns: int, *, each_version: bool = False) -> list[tuple[int, list[Billed]]]:
        """By number of period: by how much retries and duplicates of messages move amounts."""
        how: dict[str, Any] = {
            "step_ns": step_ns,
            "each_version": each_version,
            "function": self._function,
        }
        result = []
        for number, part in enumerate(self.rates.periods):
            place: dict[str, Any] = {"since_ns": part.since_ns, "until_ns": part.until_ns}
            repeated = cost_repeated_events(self.cursor, **place) if self._splits else []
            found = cost_repeats(self.cursor, **place, **how, events=repeated) if repeated else []
            result.append((number, found))
        return result

    def reported(self, *, step_ns: int, told: set[str]) -> list[tuple[int, list[Billed]]]:
        """By number of period: what metrics tell of functions of which nothing else does."""
        found = []
        for number, part in enumerate(self.rates.periods):
            rows, beside = reported_amounts(self.cursor, part, step_ns, told, self._function)
            self.rates.add_places(beside.places)
            for name, count in beside.counts.items():
                self._reported[name] = self._reported.get(name, 0) + count
            found.append((number, rows))
        return found

    def functions(self, step_ns: int = 0) -> list[CostRow]:
        """A row for each function, with its provisioned capacity.

        ``step_ns``: where steps of time are asked for too, so that one reading is enough.
        """
        told = self._told(step_ns)
        rows: dict[str, list[CostRow]] = defaultdict(list)
        for name, found in self._summed(told, lambda quantity: quantity.function).items():
            rows[name].append(_summed_row(found, name))
        for _, row in told.more:
            rows[row.key].append(row)
        for held in self.held(0):
            rows[held.function].append(_held_row(held))
        return [
            replace(total_of(found, name), kind="function", evidence=found[0].evidence)
            for name, found in sorted(rows.items())
        ]

    def by_step(self, step_ns: int) -> dict[int, CostRow]:
        """All functions together by step of time, with provisioned capacity."""
        told = self._told(step_ns)
        rows: dict[int, list[CostRow]] = defaultdict(list)
        for time_ns, found in self._summed(told, lambda quantity: quantity.time_ns).items():
            rows[time_ns].append(_summed_row(found, ""))
        for time_ns, row in told.more:
            rows[time_ns].append(row)
        for held in self.held(step_ns):
            rows[held.since_ns // step_ns * step_ns].append(_held_row(held))
        return {time_ns: total_of(found, "") for time_ns, found in rows.items()}

    def metrics_only(self) -> list[CostRow]:
        """The functions that metrics alone tell of, and what else no invocation tells."""
        rows = (row for _, row in self._told(0).more)
        return [row for row in rows if row.evidence == "metrics" or not row.invocation_count]

    def unseen(self, counts: Mapping[str, float]) -> list[CostRow]:
        """Rows that cost nothing, of functions of which metrics tell far more invocations.

        ``counts``: how many came, by function. Metrics are of whole minutes: some more say nothing.
        """
        return [
            CostRow(name, name, "function", Cost.of(Split(), (_unseen(reported, counts[name]),)))
            for name, reported in sorted(self._reported.items())
            if name in counts and self._misses(name, counts)
        ]

    def _misses(self, name: str, counts: Mapping[str, float]) -> bool:
        return self._reported[name] > 1.1 * counts.get(name, 0) + _FEW

    def held(self, step_ns: int) -> list[Held]:
        """Provisioned capacity, which costs whether it is used or not; by step of time."""
        found = []
        now_ns = time.time_ns()
        for name in self.rates.places:
            terms = self.rates.terms(name)
            if terms is None or not terms.provisioned_concurrency:
                continue
            for number, part in enumerate(self.rates.periods):
                rate = self.rates.rate(name, self.rates.memory_mb(name), number)
                since_ns = max(part.since_ns, self.rates.since_ns(name))
                until_ns = min(part.until_ns, now_ns)
                if rate is None:
                    continue
                for begin_ns, end_ns in _cut(since_ns, until_ns, step_ns):
                    seconds = Decimal(end_ns - begin_ns) / NS_PER_S
                    idle = seconds * terms.provisioned_concurrency * rate.held_usd_per_s
                    cost = Cost.of(Split(idle_usd=idle), (*rate.assumptions, HELD))
                    found.append(Held(name, begin_ns, end_ns, cost))
        return found

    def fees(self, *, step_ns: int) -> list[tuple[int, CostRow]]:
        """By step of time: what queues, topics, buses and state machines charge."""
        found = []
        for number, part in enumerate(self.rates.periods):
            place = {"since_ns": part.since_ns, "until_ns": part.until_ns}
            messages, metrics = fees_told(self.cursor, **place)
            told = cost_messages(self.cursor, **place, step_ns=step_ns) if messages else []
            found += [(each.time_ns, self._fee(each, number)) for each in told]
            alone = workflow_metrics(self.cursor, **place, step_ns=step_ns) if metrics else []
            found += [
                (each.time_ns, replace(self._fee(each, number), evidence="metrics"))
                for each in alone
            ]
        return found

    def shape_fees(self) -> list[tuple[int | None, CostRow]]:
        """By flow shape: the same; None: of no event trace."""
        found: list[tuple[int | None, CostRow]] = []
        for number, part in enumerate(self.rates.periods):
            place = {"since_ns": part.since_ns, "until_ns": part.until_ns}
            messages, metrics = fees_told(self.cursor, **place)
            if messages:
                told = shared_messages(self.cursor, **place, events=None, each_shape=True)
                found += [(shape_id, self._fee(sent, number)) for shape_id, sent in told]
            alone = workflow_metrics(self.cursor, **place, step_ns=0) if metrics else []
            found += [(None, self._fee(each, number)) for each in alone]
        return found

    def _fee(self, sent: Sent, period: int) -> CostRow:
        rate = self.rates.fee(sent.place, period)
        kind, name = "queue", sent.place.name
        if rate.kind in WORKFLOWS:
            kind, name = "workflow", name.rsplit(":", 1)[-1]
        return CostRow(sent.place.name, name, kind, rate.cost(sent.messages), evidence="messages")

    def _told(self, step_ns: int) -> "_Told":
        """What is told of the window in steps of time; read once."""
        if step_ns in self._known:
            return self._known[step_ns]
        quantities, moved = self._quantities(step_ns), self._moved(step_ns)
        counts: dict[str, float] = defaultdict(float)
        times_ns = []
        for _, found in quantities:
            for each in found:
                counts[each.function] += self.rates.scaled_count(each)
                times_ns.append(each.time_ns)
        told = set(counts) | {app for name in counts if (app := self.rates.app(name))}
        reported = self.reported(step_ns=step_ns, told=told)
        self.rates.confirm(name for name in self._reported if not self._misses(name, counts))
        more = [
            (row.time_ns, row_of(self.rates, (row,), period, row.function))
            for period, found in moved
            for row in found
        ]
        more += [
            (row.time_ns, _reported_row(self.rates, row, period))
            for period, found in reported
            for row in found
        ]
        first_ns = min((*times_ns, *(time_ns for time_ns, _ in more)), default=self.window.since_ns)
        unseen = self.unseen(counts)
        more += [(first_ns, row) for row in unseen]
        self._known[step_ns] = _Told(quantities, more)
        return self._known[step_ns]

    def _summed(self, told: "_Told", key: Callable[[Quantity], K]) -> dict[K, Sum]:
        sums: dict[K, Sum] = defaultdict(Sum)
        for period, found in told.quantities:
            for each in found:
                sums[key(each)].add(each, self.rates.priced(each, period))
        return sums


@dataclass(frozen=True, slots=True)
class _Told:
    """What invocations were billed for by period, and rows of what else costs, with their times."""

    quantities: list[tuple[int, list[Quantity]]]
    more: list[tuple[int, CostRow]]


def _summed_row(found: Sum, name: str) -> CostRow:
    """Quantities added up as a row."""
    return CostRow(
        key=name,
        label=name,
        kind="function",
        cost=found.cost,
        invocation_count=float(found.requests) / 1000,
        success_count=float(found.successes) / 1000,
    )


def _held_row(held: Held) -> CostRow:
    return CostRow(held.function, held.function, "function", held.cost)


def _unseen(reported: float, came: float) -> Assumption:
    return Assumption(
        "unseen",
        f"metrics tell of {reported:,.0f} invocations, {came:,.0f} of which came: the others are "
        "not in it",
    )


def row_of(rates: Rates, billed: Iterable[Billed], period: int, name: str) -> CostRow:
    """Amounts of one period as a row."""
    told = list(billed)
    rows = [rates.scaled(each) for each in told]
    return CostRow(
        key=name,
        label=name,
        kind="function",
        cost=rates.cost(told, period),
        invocation_count=sum(each.invocation_count for each in rows),
        success_count=sum(each.success_count for each in rows),
    )


def _reported_row(rates: Rates, billed: Billed, period: int) -> CostRow:
    row = row_of(rates, (billed,), period, billed.function)
    terms = rates.terms(billed.function)
    said = set(row.cost.assumptions)
    if terms is not None:
        said.add(how_told(terms))
    floor = row.cost.is_floor or any(each.code in FLOORS for each in said)
    cost = Cost(row.cost.usd, row.cost.split, floor, tuple(sorted(said)))
    return replace(row, cost=cost, evidence="metrics")


def total_of(rows: Iterable[CostRow], key: str) -> CostRow:
    """All of them as one row; unknown only where all are."""
    found = list(rows)
    cost = Cost(None)
    for number, row in enumerate(found):
        cost = row.cost if number == 0 else cost + row.cost
    return CostRow(
        key=key,
        label=key,
        kind="total",
        cost=cost,
        invocation_count=sum(row.invocation_count for row in found),
        success_count=sum(row.success_count for row in found),
        evidence=found[0].evidence if found else "invocations",
    )


def _cut(since_ns: int, until_ns: int, step_ns: int) -> list[tuple[int, int]]:
    """A range of time in steps; one where the step is 0; none where it is empty."""
    if since_ns >= until_ns:
        return []
    if step_ns == 0:
        return [(since_ns, until_ns)]
    edges = [since_ns, *range((since_ns // step_ns + 1) * step_ns, until_ns, step_ns), until_ns]
    return list(pairwise(edges))
