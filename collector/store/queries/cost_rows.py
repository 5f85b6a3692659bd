"""What costs are counted from, as it is stored: amounts billed, shares of events, messages."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from duckdb import DuckDBPyConnection as Cursor

from collector.model.costs.bill import Amount, Fate
from collector.model.costs.fees import Destination, Messages
from collector.model.costs.plans import Place
from collector.model.costs.quantities import (
    COUNT,
    EXEC_US,
    FIRST,
    FLEX_US,
    INIT_US,
    REQUESTS,
    SCALED,
    UNTOLD,
    Quantity,
)
from collector.store.queries.registry import QUERIES

_DONE = (Fate.OK, Fate.DUPLICATE)


@dataclass(frozen=True, slots=True)
class Billed:
    """Amounts of one function, version, step of time and memory size, to both ways of rounding.

    ``flex`` is by the steps of Azure's plan Flex. ``untold``: invocations that have not told how
    long they ran; ``scaled``: those that stand for others.
    """

    function: str
    version: str | None
    time_ns: int
    memory_mb: int | None
    plain: tuple[Amount, ...]
    flex: tuple[Amount, ...]
    untold: Decimal
    scaled: Decimal

    @property
    def invocation_count(self) -> float:
        return float(sum(each.requests for each in self.plain)) / 1000

    @property
    def success_count(self) -> float:
        return float(sum(each.requests for each in self.plain if each.fate in _DONE)) / 1000


@dataclass(frozen=True, slots=True)
class Seen:
    """Where a function runs, and since when it is known."""

    place: Place = field(default_factory=Place)
    since_ns: int = 0
    app: str | None = None  # of Azure, whose metrics are of the app with all its functions


@dataclass(frozen=True, slots=True)
class Shared:
    """What an event trace, or a flow shape, has of invocations of one function and size.

    ``event_trace_id`` and ``shape_id`` None: outside of all of them. ``period``: of prices.
    """

    event_trace_id: int | None
    shape_id: int | None
    path: tuple[str, ...]
    event_count: int | None
    period: int
    billed: Billed


@dataclass(frozen=True, slots=True)
class Sent:
    """Messages at a destination of an event trace or flow shape, None: outside or all of them."""

    event_trace_id: int | None
    shape_id: int | None
    place: Destination
    messages: Messages
    time_ns: int


def billed_of(quantity: Quantity) -> Billed:
    """A quantity as amounts by fate."""
    return Billed(
        quantity.function,
        quantity.version,
        quantity.time_ns,
        quantity.memory_mb or None,
        _amounts(quantity, EXEC_US),
        _amounts(quantity, FLEX_US),
        Decimal(quantity.amounts[UNTOLD]),
        Decimal(quantity.amounts[SCALED]),
    )


def _amounts(quantity: Quantity, first: int) -> tuple[Amount, ...]:
    memory_mb, amounts = quantity.memory_mb or None, quantity.amounts
    told = ((fate, amounts[REQUESTS + fate], amounts[first + fate]) for fate in range(3))
    found = [
        Amount(Fate(fate), memory_mb, Decimal(requests), Decimal(exec_us))
        for fate, requests, exec_us in told
        if requests or exec_us
    ]
    if amounts[INIT_US]:
        found.append(Amount(Fate.OK, memory_mb, init_us=Decimal(amounts[INIT_US])))
    return tuple(found)


@QUERIES.question
def cost_places(cursor: Cursor, *, function: str | None) -> dict[str, Seen]:
    """By function: where it runs, and what was seen of it."""
    rows = QUERIES.records(cursor, "cost_places", function=function)
    return {
        row["function"]: Seen(place_of(row), row["watched_since_ns"], row["app"]) for row in rows
    }


@QUERIES.question
def cost_used(
    cursor: Cursor, *, since_ns: int, until_ns: int, functions: Sequence[str]
) -> dict[str, int]:
    """By function: the most memory any of its invocations used, MB."""
    rows = QUERIES.rows(
        cursor, "cost_used", since_ns=since_ns, until_ns=until_ns, functions=list(functions)
    )
    return dict(rows)


@QUERIES.question
def cost_month(cursor: Cursor, *, since_ns: int, until_ns: int) -> list[Billed]:
    """Amounts billed in whole hours, by function and memory size, whatever became of them."""
    sums: dict[tuple[str, int], list[int]] = defaultdict(lambda: [0] * COUNT)
    rows = QUERIES.rows(cursor, "cost_month", since_ns=since_ns, until_ns=until_ns)
    for function, memory_mb, figure, amount in rows:
        sums[function, memory_mb][figure - FIRST] += amount
    return [_of_month(function, memory_mb, each) for (function, memory_mb), each in sums.items()]


def _of_month(function: str, memory_mb: int, amounts: Sequence[int]) -> Billed:
    requests = Decimal(sum(amounts[REQUESTS:EXEC_US]))
    plain, flex = (
        Amount(Fate.OK, memory_mb or None, requests, Decimal(sum(told)), Decimal(amounts[INIT_US]))
        for told in (amounts[EXEC_US:INIT_US], amounts[FLEX_US:UNTOLD])
    )
    nothing = Decimal(0)
    return Billed(function, None, 0, memory_mb or None, (plain,), (flex,), nothing, nothing)


def place_of(row: dict[str, Any]) -> Place:
    """Where a row of places, or of what metrics report, says its function runs."""
    arch = {"arm64": "arm64", "amd64": "x86_64", "x86_64": "x86_64"}.get(row.get("host_arch") or "")
    return Place(
        provider=row["provider"],
        platform=row["platform"],
        region=row["region"],
        account_id=row["account_id"],
        memory_mb=row.get("memory_mb"),
        architecture=arch,
    )


@QUERIES.question
def cost_shares(
    cursor: Cursor,
    *,
    since_ns: int,
    until_ns: int,
    bounds_ns: Sequence[int],
    events: Sequence[int] | None,
    by_shape: bool,
) -> list[Shared]:
    """Shares of invocations that began in the window, by event trace or by flow shape.

    Those of single event traces are not scaled up where telemetry was sampled.
    """
    rows = QUERIES.records(
        cursor,
        "cost_shares",
        since_ns=since_ns,
        until_ns=until_ns,
        bounds_ns=list(bounds_ns),
        events=None if events is None else list(events),
        by_shape=by_shape,
    )
    return [_shared(row) for row in rows]


def _shared(row: dict[str, Any]) -> Shared:
    memory_mb, fate = row["memory_mb"] or None, Fate(row["fate"])
    plain, flex = (
        Amount(fate, memory_mb, _exact(row["requests"]), _exact(row[name]), _exact(row["init_us"]))
        for name in ("exec_us", "flex_us")
    )
    return Shared(
        row["event_trace_id"],
        row["shape_id"],
        tuple(row["path"] or ()),
        row["events"],
        row["period"],
        Billed(
            row["function"], None, 0, memory_mb, (plain,), (flex,),
            _exact(row["untold"]), _exact(row["scaled"]),
        ),
    )  # fmt: skip


@QUERIES.question
def cost_repeated_events(cursor: Cursor, *, since_ns: int, until_ns: int) -> list[int]:
    """Event traces that had retries or duplicates."""
    rows = QUERIES.rows(cursor, "cost_repeated_events", since_ns=since_ns, until_ns=until_ns)
    return [row[0] for row in rows]


@QUERIES.question
def cost_repeats(
    cursor: Cursor,
    *,
    since_ns: int,
    until_ns: int,
    step_ns: int,
    events: Sequence[int],
    each_version: bool,
    function: str | None,
) -> list[Billed]:
    """What has to be added to amounts that know no event traces: from one fate to another."""
    rows = QUERIES.records(
        cursor,
        "cost_repeats",
        since_ns=since_ns,
        until_ns=until_ns,
        step_ns=step_ns,
        events=list(events),
        each_version=each_version,
        function=function,
    )
    return [_moved(row) for row in rows]


def _moved(row: dict[str, Any]) -> Billed:
    memory_mb = row["memory_mb"] or None
    plain, flex = (
        (
            Amount(Fate(row["own_fate"]), memory_mb, -_exact(row["requests"]), -_exact(row[name])),
            Amount(Fate(row["fate"]), memory_mb, _exact(row["requests"]), _exact(row[name])),
        )
        for name in ("exec_us", "flex_us")
    )
    nothing = Decimal(0)
    return Billed(
        row["function"], row["version"], row["time_ns"], memory_mb, plain, flex, nothing, nothing
    )


@QUERIES.question
def cost_messages(
    cursor: Cursor,
    *,
    since_ns: int,
    until_ns: int,
    step_ns: int,
    events: Sequence[int] | None,
    each_event: bool,
    each_shape: bool,
) -> list[Sent]:
    """Messages by destination, and by event trace or flow shape where asked for."""
    rows = QUERIES.records(
        cursor,
        "cost_messages",
        since_ns=since_ns,
        until_ns=until_ns,
        step_ns=step_ns,
        events=None if events is None else list(events),
        each_event=each_event,
        each_shape=each_shape,
    )
    return [
        Sent(
            row["event_trace_id"],
            row["shape_id"],
            Destination(row["queue"], row["system"], row["region"], row["account_id"]),
            Messages(Decimal(row["sent"]), Decimal(row["taken"]), _exact(row["batches"])),
            row["time_ns"],
        )
        for row in rows
    ]


def _exact(value: float) -> Decimal:
    """A share as Decimal: thirds are cut at 15 digits."""
    return Decimal(repr(value))
