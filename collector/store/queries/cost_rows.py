"""What costs are counted from, as it is stored: amounts billed, shares of events, messages."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
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
    UNRATED,
    UNTOLD,
    Quantity,
)
from collector.store.queries.registry import QUERIES

_DONE = (Fate.OK, Fate.DUPLICATE)


@dataclass(frozen=True, slots=True)
class Billed:
    """Amounts of one function, version, step of time and memory size, to both ways of rounding.

    ``flex`` is by the steps of Azure's plan Flex. ``untold``: invocations that have not told how
    long they ran; ``scaled``: those that stand for others. ``unrated``: nothing tells whether they
    were sampled.
    """

    function: str
    version: str | None
    time_ns: int
    memory_mb: int | None
    plain: tuple[Amount, ...]
    flex: tuple[Amount, ...]
    untold: Decimal
    scaled: Decimal
    unrated: bool = False

    def times(self, weight: Decimal) -> "Billed":
        """As if each stood for so many."""
        return replace(
            self,
            plain=tuple(each.times(weight) for each in self.plain),
            flex=tuple(each.times(weight) for each in self.flex),
            untold=self.untold * weight,
            scaled=sum((each.requests for each in self.plain), Decimal(0)),
        )

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
class Sent:
    """What a destination charges for in a step of time."""

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
        quantity.unrated,
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
    sums: dict[tuple[str, int, bool], list[int]] = defaultdict(lambda: [0] * COUNT)
    rows = QUERIES.rows(cursor, "cost_month", since_ns=since_ns, until_ns=until_ns)
    for function, memory_mb, figure, amount in rows:
        unrated = figure >= UNRATED
        sums[function, memory_mb, unrated][figure - (UNRATED if unrated else FIRST)] += amount
    return [_of_month(*key, each) for key, each in sums.items()]


@QUERIES.question
def cost_month_us(cursor: Cursor, *, since_ns: int, until_ns: int) -> int:
    """The µs all functions were billed for in whole hours."""
    rows = QUERIES.rows(cursor, "cost_month_us", since_ns=since_ns, until_ns=until_ns)
    return int(rows[0][0])


def _of_month(function: str, memory_mb: int, unrated: int, amounts: Sequence[int]) -> Billed:
    requests = Decimal(sum(amounts[REQUESTS:EXEC_US]))
    plain, flex = (
        Amount(Fate.OK, memory_mb or None, requests, Decimal(sum(told)), Decimal(amounts[INIT_US]))
        for told in (amounts[EXEC_US:INIT_US], amounts[FLEX_US:UNTOLD])
    )
    nothing = Decimal(0)
    return Billed(
        function,
        None,
        0,
        memory_mb or None,
        (plain,),
        (flex,),
        nothing,
        nothing,
        bool(unrated),
    )


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
            Amount(Fate(row["own_fate"]), memory_mb, -exact(row["requests"]), -exact(row[name])),
            Amount(Fate(row["fate"]), memory_mb, exact(row["requests"]), exact(row[name])),
        )
        for name in ("exec_us", "flex_us")
    )
    nothing = Decimal(0)
    return Billed(
        row["function"],
        row["version"],
        row["time_ns"],
        memory_mb,
        plain,
        flex,
        nothing,
        nothing,
        row["unrated"],
    )


@QUERIES.question
def cost_messages(cursor: Cursor, *, since_ns: int, until_ns: int, step_ns: int) -> list[Sent]:
    """What destinations of messages and state machines charge for, by step of time (0: one)."""
    rows = QUERIES.records(
        cursor, "cost_messages", since_ns=since_ns, until_ns=until_ns, step_ns=step_ns
    )
    return [Sent(destination_of(row), messages_of(row), row["time_ns"]) for row in rows]


@QUERIES.question
def workflow_metrics(cursor: Cursor, *, since_ns: int, until_ns: int, step_ns: int) -> list[Sent]:
    """What state machines charge for of which metrics alone tell, by step of time (0: one)."""
    rows = QUERIES.records(
        cursor, "workflow_metrics", since_ns=since_ns, until_ns=until_ns, step_ns=step_ns
    )
    return [Sent(destination_of(row), messages_of(row), row["time_ns"]) for row in rows]


def destination_of(row: dict[str, Any]) -> Destination:
    """The destination a row is about, and what runs it."""
    return Destination(row["queue"], row["system"], row["region"], row["account_id"])


def messages_of(row: dict[str, Any]) -> Messages:
    """What a row says its destination charges for."""
    return Messages(
        exact(row["sent"]), exact(row["taken"]), exact(row["batches"]),
        row["unsized"], row["untold"],
    )  # fmt: skip


def exact(value: float) -> Decimal:
    """A share as Decimal: thirds are cut at 15 digits."""
    return Decimal(repr(value))
