"""What things cost: by function, day, flow shape; over time; every grouping of one total."""

import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise
from typing import Any, Final

from duckdb import DuckDBPyConnection as Cursor

from collector.errors import BadQuestion
from collector.model.cost import Assumption, Cost, CostPoint, CostReport, CostRow, Split
from collector.model.costs.book import day_of
from collector.model.costs.pricing import Pricing
from collector.model.window import NS_PER_S, Window
from collector.store.queries.cost_rates import Rates
from collector.store.queries.cost_reports import NO_INIT, ROUNDED_TOGETHER, reported_amounts
from collector.store.queries.cost_rows import (
    Billed,
    Sent,
    Shared,
    cost_messages,
    cost_quantities,
    cost_repeated_events,
    cost_repeats,
    cost_shares,
)
from collector.store.queries.steps import before, step_of

DAY_NS: Final = 86_400 * NS_PER_S
GROUPS: Final = ("function", "day", "event_shape")
OUTSIDE: Final = "outside"
"""Key of the row of what no event trace accounts for."""

_FEW: Final = 10  # invocations at the ends of the window

HELD: Final = Assumption("provisioned_held", "capacity held is counted for the whole window")


def read_costs(
    cursor: Cursor, window: Window, pricing: Pricing, *, by: str = "function"
) -> CostReport:
    """Rows by ``by``, the dearest first; rows of one window have the same total whatever ``by``.

    ``by``: "function" (and a row for each queue), "day" (UTC), "event_shape" (and a row of what no
    event trace accounts for). What began in the window counts.

    Raises:
        BadQuestion: there is no such grouping.
    """
    if by not in GROUPS:
        raise BadQuestion(f"costs are not told by {by[:40]!r}: by is one of {', '.join(GROUPS)}")
    # Shares of event traces say what became of them; figures have to be told.
    reading = _Reading(cursor, window, pricing, splits=by != "event_shape")
    rows = {"function": _by_function, "day": _by_day, "event_shape": _by_shape}[by](reading)
    ordered = sorted(rows, key=lambda row: (-(row.cost.usd or Decimal(0)), row.label))
    if by == "day":
        ordered = sorted(rows, key=lambda row: row.key)
    earlier = _Reading(cursor, before(window), pricing, splits=False)
    told_before = _total(_by_function(earlier), "")
    return CostReport(by, tuple(ordered), _total(rows, "all"), told_before.cost.usd)


def read_day_costs(cursor: Cursor, window: Window, pricing: Pricing) -> list[CostRow]:
    """Each day (UTC) of the window, in order, fees of queues included."""
    return _by_day(_Reading(cursor, window, pricing, splits=False))


def read_function_costs(
    cursor: Cursor, window: Window, pricing: Pricing, function: str | None = None
) -> dict[str, CostRow]:
    """By function: its cost, without fees of queues; retries of messages count as failed work."""
    reading = _Reading(cursor, window, pricing, function, splits=False)
    return {row.key: row for row in reading.functions()}


def read_version_costs(
    cursor: Cursor, window: Window, pricing: Pricing, function: str
) -> list[CostRow]:
    """Each version of a function, the dearest first; "" is a version that is not told."""
    reading = _Reading(cursor, window, pricing, function)
    found: dict[str, list[CostRow]] = defaultdict(list)
    for period, rows in reading.billed(step_ns=0, each_version=True):
        for row in rows:
            found[row.version or ""].append(_row(reading.rates, (row,), period, row.version or ""))
    merged = [replace(_total(rows, version), kind="version") for version, rows in found.items()]
    return sorted(merged, key=lambda row: (-(row.cost.usd or Decimal(0)), row.key))


def read_cost_series(
    cursor: Cursor,
    window: Window,
    pricing: Pricing,
    *,
    function: str | None = None,
    steps: int = 60,
) -> tuple[CostPoint, ...]:
    """Cost over time, of all functions or of one, without fees; gaps are steps without any."""
    reading = _Reading(cursor, window, pricing, function)
    found = reading.by_step(step_of(window, steps))
    return tuple(
        CostPoint(time_ns, row.cost, row.invocation_count, row.success_count)
        for time_ns, row in sorted(found.items())
    )


@dataclass(frozen=True, slots=True)
class _Held:
    """Provisioned capacity of a function over a part of the window."""

    function: str
    since_ns: int
    until_ns: int
    cost: Cost


class _Reading:
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
        self._told: set[str] | None = None

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
            replace(_total(found, name), kind="function", evidence=found[0].evidence)
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
        return {time_ns: _total(found, "") for time_ns, found in rows.items()}

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
            if name in counts and reported > 1.1 * counts[name] + _FEW
        ]

    def held(self, step_ns: int) -> list[_Held]:
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
                    found.append(_Held(name, begin_ns, end_ns, cost))
        return found

    def _each_row(self, *, step_ns: int) -> Iterable[CostRow]:
        return (row for _, row in self._timed_rows(step_ns))

    def _timed_rows(self, step_ns: int) -> list[tuple[int, CostRow]]:
        billed = self.billed(step_ns=step_ns)
        told = {row.function for _, rows in billed for row in rows}
        told |= {app for name in told if (app := self.rates.app(name))}
        rows = [
            (row.time_ns, _row(self.rates, (row,), period, row.function))
            for period, found in billed
            for row in found
        ]
        counts: dict[str, float] = defaultdict(float)
        for _, row in rows:
            counts[row.key] += row.invocation_count
        rows += [
            (row.time_ns, _reported_row(self.rates, row, period))
            for period, found in self.reported(step_ns=step_ns, told=told)
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


def _row(rates: Rates, billed: Iterable[Billed], period: int, name: str) -> CostRow:
    rows = list(billed)
    return CostRow(
        key=name,
        label=name,
        kind="function",
        cost=rates.cost(rows, period),
        invocation_count=sum(each.invocation_count for each in rows),
        success_count=sum(each.success_count for each in rows),
    )


def _reported_row(rates: Rates, billed: Billed, period: int) -> CostRow:
    row = _row(rates, (billed,), period, billed.function)
    terms = rates.terms(billed.function)
    said = set(row.cost.assumptions)
    if terms is not None:
        said.add(NO_INIT if terms.provider == "aws" else ROUNDED_TOGETHER)
    cost = Cost(row.cost.usd, row.cost.split, row.cost.is_floor or NO_INIT in said,
                tuple(sorted(said)))  # fmt: skip
    return replace(row, cost=cost, evidence="metrics")


def _by_function(reading: _Reading) -> list[CostRow]:
    return [*reading.functions(), *_fees(reading)]


def _fees(reading: _Reading) -> list[CostRow]:
    """A row for each queue, topic and bus that messages were seen on."""
    rows: dict[str, list[CostRow]] = defaultdict(list)
    for number, part in enumerate(reading.rates.periods):
        for sent in _messages(reading, part):
            rows[sent.place.name].append(_fee_row(reading, sent, number))
    return [replace(_total(found, name), kind="queue", evidence="messages")
            for name, found in sorted(rows.items())]  # fmt: skip


def _messages(
    reading: _Reading, part: Window, *, step_ns: int = 0, each_shape: bool = False
) -> list[Sent]:
    return cost_messages(
        reading.cursor,
        since_ns=part.since_ns,
        until_ns=part.until_ns,
        step_ns=step_ns,
        events=None,
        each_event=False,
        each_shape=each_shape,
    )


def _fee_row(reading: _Reading, sent: Sent, period: int) -> CostRow:
    rate = reading.rates.fee(sent.place, period)
    cost = Cost.of(Split(fee_usd=rate.usd(sent.messages)), rate.assumptions)
    name = sent.place.name
    return CostRow(name, name, "queue", cost, evidence="messages")


def _by_day(reading: _Reading) -> list[CostRow]:
    rows: dict[int, list[CostRow]] = defaultdict(list)
    for time_ns, row in reading.by_step(DAY_NS).items():
        rows[time_ns].append(row)
    for number, part in enumerate(reading.rates.periods):
        for sent in _messages(reading, part, step_ns=DAY_NS):
            rows[sent.time_ns].append(_fee_row(reading, sent, number))
    return [
        replace(_total(found, day_of(time_ns).isoformat()), kind="day")
        for time_ns, found in sorted(rows.items())
    ]


def _by_shape(reading: _Reading) -> list[CostRow]:
    rows: dict[int | None, list[CostRow]] = defaultdict(list)
    paths: dict[int | None, tuple[str, ...]] = {}
    counts: dict[int | None, int | None] = {}
    alone = reading.metrics_only()
    shares = cost_shares(
        reading.cursor,
        since_ns=reading.window.since_ns,
        until_ns=reading.window.until_ns,
        bounds_ns=reading.rates.periods.bounds_ns,
        events=None,
        by_shape=True,
    )
    for share in shares:
        paths[share.shape_id] = share.path
        counts[share.shape_id] = share.event_count
        rows[share.shape_id].append(_shared_row(reading.rates, share))
    for number, part in enumerate(reading.rates.periods):
        for sent in _messages(reading, part, each_shape=True):
            rows[sent.shape_id].append(_fee_row(reading, sent, number))
    rows[None] += alone
    rows[None] += [
        CostRow(held.function, held.function, "function", held.cost) for held in reading.held(0)
    ]
    return [
        _shape_row(shape_id, found, paths.get(shape_id, ()), counts.get(shape_id))
        for shape_id, found in rows.items()
        if found
    ]


def _shape_row(
    shape_id: int | None, found: list[CostRow], path: tuple[str, ...], events: int | None
) -> CostRow:
    if shape_id is None:
        return replace(_total(found, OUTSIDE), label="no event trace", kind="outside")
    label = " > ".join(path)
    return replace(
        _total(found, f"{shape_id:016x}"), label=label, kind="event_shape", event_count=events,
        path=path,
    )  # fmt: skip


def _shared_row(rates: Rates, share: Shared) -> CostRow:
    return _row(rates, (share.billed,), share.period, share.billed.function)


def _total(rows: Iterable[CostRow], key: str) -> CostRow:
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
