"""What event traces cost: of several at once, of one by part, and by value of an attribute."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

from duckdb import DuckDBPyConnection as Cursor

from collector.model.cost import ZERO, Cost, CostPart, CostReport, CostRow, EventCost
from collector.model.costs.bill import UNKNOWN_DURATION, UNKNOWN_PLATFORM, Amount, Fate, bill
from collector.model.costs.fees import WORKFLOWS, Destination
from collector.model.costs.pricing import Pricing
from collector.model.event_trace import EventTraceSummary
from collector.model.window import NS_PER_S, Window
from collector.store.queries.cost_cells import read_quantities
from collector.store.queries.cost_rates import Rates
from collector.store.queries.cost_rows import Sent
from collector.store.queries.costs import read_costs
from collector.store.queries.registry import QUERIES, capped
from collector.store.queries.share_rows import (
    ValueShares,
    cost_shares,
    plain_messages,
    plain_shares,
    shared_messages,
    value_shares,
)

_AROUND_NS: Final = 900 * NS_PER_S
"""How far from its spans an invocation of an event may begin: the longest a function runs."""

_MOST_PARTS: Final = 5_000


def with_costs(
    cursor: Cursor, events: Sequence[EventTraceSummary], pricing: Pricing
) -> list[EventTraceSummary]:
    """The same with what each cost; unknown where nothing tells what was billed."""
    costs = read_event_costs(cursor, events, pricing)
    return [replace(each, cost_usd=_usd(costs.get(each.event_trace_id))) for each in events]


def read_event_costs(
    cursor: Cursor, events: Sequence[EventTraceSummary], pricing: Pricing
) -> dict[str, Cost]:
    """By id of event trace: what it cost, its shares of batches and its fees included."""
    if not events:
        return {}
    window = _around(events)
    rates = Rates(cursor, window, pricing)
    ids = [int(each.event_trace_id, 16) for each in events]
    asked: dict[str, Any] = {
        "since_ns": window.since_ns,
        "until_ns": window.until_ns,
        "bounds_ns": rates.periods.bounds_ns,
    }
    shares, others = plain_shares(cursor, **asked, events=ids)
    if others:
        shares += cost_shares(cursor, **asked, events=sorted(others))
    costs: dict[str, list[Cost]] = defaultdict(list)
    for share in shares:
        costs[f"{share.owner:016x}"].append(rates.cost((share.billed,), share.period))
    for event_trace_id, _, cost in _fees(cursor, rates, ids):
        costs[event_trace_id].append(cost)
    return {name: _together(found) for name, found in costs.items()}


def read_event_cost(cursor: Cursor, event: EventTraceSummary, pricing: Pricing) -> EventCost:
    """What one event trace cost, by part in order of time; fees of queues last."""
    window = _around([event])
    rates = Rates(cursor, window, pricing)
    number = int(event.event_trace_id, 16)
    rows = event_cost_parts(
        cursor,
        since_ns=window.since_ns,
        until_ns=window.until_ns,
        bounds_ns=rates.periods.bounds_ns,
        event=number,
        limit=_MOST_PARTS,
    )
    rates.read_used(sorted({row["function"] for row in rows}))
    parts = [_part(rates, row) for row in rows]
    for _, place, cost in _fees(cursor, rates, [number]):
        kind = "workflow" if rates.fee(place, 0).kind in WORKFLOWS else "fee"
        parts.append(CostPart(kind, place.name, None, 1.0, cost))
    return EventCost(_together([each.cost for each in parts]), tuple(parts))


def read_value_costs(
    cursor: Cursor,
    window: Window,
    pricing: Pricing,
    attribute: str,
    *,
    limit: int = 100,
    whole: CostReport | None = None,
) -> CostReport:
    """What each value of an attribute cost, such as each order or each tenant, the dearest first.

    ``attribute``: of spans or resources; "tenant" and "correlation_id" as stitching took them. An
    event trace with several values is shared over them. What has none, or is beyond ``limit``, is
    the row of kind "outside". ``whole``: any report of the window, where there is one.
    """
    whole = whole or read_costs(cursor, window, pricing)
    rates = Rates(cursor, window, pricing)
    found = [
        _value_row(rates, each)
        for each in value_shares(
            cursor,
            since_ns=window.since_ns,
            until_ns=window.until_ns,
            bounds_ns=rates.periods.bounds_ns,
            attribute=attribute,
            limit=capped(limit),
            **listed_rates(cursor, rates),
        )
    ]
    found.sort(key=lambda row: (-(row.cost.usd or ZERO), row.key))
    if whole.total.cost.usd is not None:
        rest = whole.total.cost.split
        for row in found:
            rest -= row.cost.split
        said = whole.total.cost
        cost = Cost(rest.total_usd, rest, said.is_floor, said.assumptions)
        found.append(CostRow("outside", "no value, or beyond those listed", "outside", cost))
    return CostReport("correlation", tuple(found), whole.total, whole.before_usd)


def _value_row(rates: Rates, shares: ValueShares) -> CostRow:
    costs = [rates.cost((billed,), period) for period, billed in shares.billed]
    for queue, messages in shares.messages:
        costs.append(rates.fee(rates.destination(queue), 0).cost(messages))
    return CostRow(
        shares.value,
        shares.value,
        "correlation",
        _together(costs),
        invocation_count=sum(billed.invocation_count for _, billed in shares.billed),
        success_count=sum(billed.success_count for _, billed in shares.billed),
        event_count=shares.event_count,
    )


def listed_rates(cursor: Cursor, rates: Rates) -> dict[str, Any]:
    """Rates and fees of the window as parameters of questions that price in the store."""
    wide = rates.window
    quantities, noticed = read_quantities(cursor, wide)
    rates.notice(noticed)
    sizes = {(each.function, each.memory_mb or None) for each in quantities}
    return {
        "rates": list(_listed_rates(rates, sorted(sizes, key=str))),
        "fees": list(_listed_fees(cursor, rates)),
    }


def _listed_rates(
    rates: Rates, sizes: Iterable[tuple[str, int | None]]
) -> Iterable[dict[str, Any]]:
    for function, memory_mb in sizes:
        for number, part in enumerate(rates.periods):
            rate = rates.rate(function, memory_mb, number)
            if rate is not None:
                yield {
                    "function": function,
                    "memory_mb": memory_mb or 0,
                    "since_ns": part.since_ns,
                    "until_ns": part.until_ns,
                    "flex": rate.is_flex,
                    "request_usd": float(rate.usd_per_request),
                    "us_usd": float(rate.usd_per_us),
                    "init_usd": float(rate.usd_per_init_us),
                    "unrated_weight": float(rates.sample_weight(function) or 1),
                }


def _listed_fees(cursor: Cursor, rates: Rates) -> Iterable[dict[str, Any]]:
    for place in message_systems(cursor):
        rates.add_destination(place)
        rate = rates.fee(place, 0)
        yield {
            "queue": place.name,
            "sent_usd": float(rate.usd_per_sent),
            "taken_usd": float(rate.usd_per_taken),
            "batch_usd": float(rate.usd_per_batch),
        }


def _around(events: Sequence[EventTraceSummary]) -> Window:
    since_ns = min(each.start_ns for each in events) - _AROUND_NS
    until_ns = max(each.start_ns + each.duration_ns for each in events) + _AROUND_NS
    return Window(since_ns, until_ns)


def _fees(
    cursor: Cursor, rates: Rates, ids: Sequence[int]
) -> Iterable[tuple[str, Destination, Cost]]:
    """Event trace, destination and fee."""
    for number, part in enumerate(rates.periods):
        place: dict[str, Any] = {"since_ns": part.since_ns, "until_ns": part.until_ns}
        plain, others = plain_messages(cursor, **place, events=ids)
        found: list[tuple[int | None, Sent]] = [*plain]
        if others:
            found += shared_messages(cursor, **place, events=sorted(others), each_shape=False)
        for owner, sent in found:
            cost = rates.fee(sent.place, number).cost(sent.messages)
            yield f"{owner:016x}", sent.place, cost


def _part(rates: Rates, row: dict[str, Any]) -> CostPart:
    return CostPart(
        kind="invocation",
        name=row["function"],
        start_ns=row["start_ns"],
        share=row["share"],
        cost=_part_cost(rates, row),
        span_id=row["span_id"],
        trace_id=row["trace_id"],
        outcome=row["outcome"],
    )


def _part_cost(rates: Rates, row: dict[str, Any]) -> Cost:
    memory_mb = row["memory_mb"] or None
    rate = rates.rate(row["function"], memory_mb, row["period"])
    if rate is None:
        return Cost(None, assumptions=(UNKNOWN_PLATFORM,))
    share = Decimal(repr(row["share"]))
    exec_us = row["flex_us"] if rate.is_flex else row["exec_us"]
    amount = Amount(
        Fate(row["fate"]),
        memory_mb,
        share * 1000,
        share * Decimal(exec_us or 0),
        share * Decimal(row["init_us"]),
    )
    said = rate.assumptions if exec_us is not None else (*rate.assumptions, UNKNOWN_DURATION)
    return Cost.of(bill(amount, rate, rates.needed_mb(row["function"])), said)


def _together(costs: Sequence[Cost]) -> Cost:
    result = costs[0] if costs else Cost(None)
    for each in costs[1:]:
        result += each
    return result


def _usd(cost: Cost | None) -> float | None:
    return None if cost is None or cost.usd is None else float(cost.usd)


@QUERIES.question
def event_cost_parts(
    cursor: Cursor,
    *,
    since_ns: int,
    until_ns: int,
    bounds_ns: Sequence[int],
    event: int,
    limit: int,
) -> list[dict[str, Any]]:
    """The invocations an event trace has a share of, as rows by column name, in order of time."""
    return QUERIES.records(
        cursor,
        "event_cost_parts",
        since_ns=since_ns,
        until_ns=until_ns,
        bounds_ns=list(bounds_ns),
        event=event,
        limit=limit,
    )


@QUERIES.question
def message_systems(cursor: Cursor) -> list[Destination]:
    """The destinations of messages and what runs them."""
    return [Destination(*row) for row in QUERIES.rows(cursor, "message_systems")]
