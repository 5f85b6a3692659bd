"""One window read for its costs: amounts of functions with their rates, metrics, capacity held."""

import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise
from typing import Any, Final

from duckdb import DuckDBPyConnection as Cursor

from collector.model.cost import FLOORS, Assumption, Cost, CostRow, Split
from collector.model.costs.fees import WORKFLOWS
from collector.model.costs.pricing import Pricing
from collector.model.window import NS_PER_S, Window
from collector.store.queries.cost_rates import Rates
from collector.store.queries.cost_reports import how_told, reported_amounts
from collector.store.queries.cost_rows import (
    Billed,
    Sent,
    cost_messages,
    cost_quantities,
    cost_repeated_events,
    cost_repeats,
    workflow_metrics,
)
from collector.store.queries.share_rows import shared_messages

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
    ) -> None:
        """``splits``: whether to tell retries and duplicates of messages; totals need it not."""
        self.cursor, self.window = cursor, window
        self._splits = splits
        self._reported: dict[str, float] = {}
        self._function = function
        self.rates = Rates(cursor, window, pricing, function)

    def billed(self, *, step_ns: int, each_version: bool = False) -> list[tuple[int, list[Billed]]]:
        """By number of period: what invocations were billed for."""
        return [
            (number, self._billed(part, step_ns, each_version=each_version))
            for number, part in enumerate(self.rates.periods)
        ]

    def _billed(self, part: Window, step_ns: int, *, each_version: bool) -> list[Billed]:
        """Amounts, and by how much retries and duplicates of messages move them."""
        place: dict[str, Any] = {"since_ns": part.since_ns, "until_ns": part.until_ns}
        how: dict[str, Any] = {
            "step_ns": step_ns,
            "each_version": each_version,
            "function": self._function,
        }
        found, noticed = cost_quantities(self.cursor, **place, **how)
        self.rates.notice(noticed)
        repeated = cost_repeated_events(self.cursor, **place) if self._splits else []
        if repeated:
            found += cost_repeats(self.cursor, **place, **how, events=repeated)
        return found

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

    def functions(self) -> list[CostRow]:
        """A row for each function, with its provisioned capacity."""
        rows: dict[str, list[CostRow]] = defaultdict(list)
        for row in self._each_row(step_ns=0):
            rows[row.key].append(row)
        for held in self.held(0):
            rows[held.function].append(CostRow(held.function, held.function, "function", held.cost))
        return [
            replace(total_of(found, name), kind="function", evidence=found[0].evidence)
            for name, found in sorted(rows.items())
        ]

    def by_step(self, step_ns: int) -> dict[int, CostRow]:
        """All functions together by step of time, with provisioned capacity."""
        rows: dict[int, list[CostRow]] = defaultdict(list)
        for time_ns, row in self._timed_rows(step_ns):
            rows[time_ns].append(row)
        for held in self.held(step_ns):
            rows[held.since_ns // step_ns * step_ns].append(
                CostRow(held.function, held.function, "function", held.cost)
            )
        return {time_ns: total_of(found, "") for time_ns, found in rows.items()}

    def metrics_only(self) -> list[CostRow]:
        """The functions that metrics alone tell of, and what else no invocation tells."""
        return [
            row
            for row in self._each_row(step_ns=0)
            if row.evidence == "metrics" or not row.invocation_count
        ]

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
            asked = {"since_ns": part.since_ns, "until_ns": part.until_ns, "step_ns": step_ns}
            told = cost_messages(self.cursor, **asked)
            found += [(each.time_ns, self._fee(each, number)) for each in told]
            alone = workflow_metrics(self.cursor, **asked)
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
            told = shared_messages(self.cursor, **place, events=None, each_shape=True)
            found += [(shape_id, self._fee(sent, number)) for shape_id, sent in told]
            alone = workflow_metrics(self.cursor, **place, step_ns=0)
            found += [(None, self._fee(each, number)) for each in alone]
        return found

    def _fee(self, sent: Sent, period: int) -> CostRow:
        rate = self.rates.fee(sent.place, period)
        kind, name = "queue", sent.place.name
        if rate.kind in WORKFLOWS:
            kind, name = "workflow", name.rsplit(":", 1)[-1]
        return CostRow(sent.place.name, name, kind, rate.cost(sent.messages), evidence="messages")

    def _each_row(self, *, step_ns: int) -> Iterable[CostRow]:
        return (row for _, row in self._timed_rows(step_ns))

    def _timed_rows(self, step_ns: int) -> list[tuple[int, CostRow]]:
        billed = self.billed(step_ns=step_ns)
        told = {row.function for _, rows in billed for row in rows}
        told |= {app for name in told if (app := self.rates.app(name))}
        counts: dict[str, float] = defaultdict(float)
        for _, found in billed:
            for row in found:
                counts[row.function] += self.rates.scaled(row).invocation_count
        reported = self.reported(step_ns=step_ns, told=told)
        self.rates.confirm(name for name in self._reported if not self._misses(name, counts))
        rows = [
            (row.time_ns, row_of(self.rates, (row,), period, row.function))
            for period, found in billed
            for row in found
        ]
        rows += [
            (row.time_ns, _reported_row(self.rates, row, period))
            for period, found in reported
            for row in found
        ]
        first_ns = min((time_ns for time_ns, _ in rows), default=self.window.since_ns)
        return rows + [(first_ns, row) for row in self.unseen(counts)]


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
