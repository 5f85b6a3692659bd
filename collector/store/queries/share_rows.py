"""Shares that event traces, flow shapes and values of attributes have of what was billed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from duckdb import DuckDBPyConnection as Cursor

from collector.model.costs.bill import Amount, Fate
from collector.model.costs.fees import Messages
from collector.store.queries.cost_rows import Billed, Sent, destination_of, exact, messages_of
from collector.store.queries.registry import QUERIES


@dataclass(frozen=True, slots=True)
class Shared:
    """What an event trace or a flow shape has of invocations of one function and size.

    ``owner``: id of the event trace, or of the shape; None: outside of all of them. ``period``: of
    prices.
    """

    owner: int | None
    period: int
    billed: Billed


@dataclass(frozen=True, slots=True)
class Shape:
    """A flow shape: its path, and how many event traces of it have a part in the window."""

    path: tuple[str, ...]
    event_count: int | None


@dataclass(frozen=True, slots=True)
class ValueShares:
    """What event traces with a value of an attribute have of the window.

    ``billed``: by period of prices. ``messages``: by destination.
    """

    value: str
    event_count: int
    billed: tuple[tuple[int, Billed], ...]
    messages: tuple[tuple[str, Messages], ...]


@QUERIES.question
def cost_shares(
    cursor: Cursor, *, since_ns: int, until_ns: int, bounds_ns: Sequence[int], events: Sequence[int]
) -> list[Shared]:
    """Shares these event traces have of invocations that began in the window, not scaled up."""
    rows = QUERIES.records(
        cursor,
        "cost_shares",
        since_ns=since_ns,
        until_ns=until_ns,
        bounds_ns=list(bounds_ns),
        events=list(events),
    )
    return [_shared(row, row["event_trace_id"]) for row in rows]


@QUERIES.question
def plain_shares(
    cursor: Cursor, *, since_ns: int, until_ns: int, bounds_ns: Sequence[int], events: Sequence[int]
) -> tuple[list[Shared], set[int]]:
    """As :func:`cost_shares`, of event traces that are whole traces, whatever became of their work.

    And the event traces of which it cannot tell all. In a fifth of the time.
    """
    rows = QUERIES.records(
        cursor,
        "plain_shares",
        since_ns=since_ns,
        until_ns=until_ns,
        bounds_ns=list(bounds_ns),
        events=list(events),
    )
    others = {row["event_trace_id"] for row in rows if row["function"] is None}
    plain = [row for row in rows if row["event_trace_id"] not in others]
    return [_shared(row, row["event_trace_id"]) for row in plain], others


@QUERIES.question
def cost_shapes(
    cursor: Cursor, *, since_ns: int, until_ns: int, bounds_ns: Sequence[int]
) -> tuple[list[Shared], dict[int | None, Shape]]:
    """Shares flow shapes have of invocations that began in the window, scaled up; the shapes."""
    rows = QUERIES.records(
        cursor, "cost_shapes", since_ns=since_ns, until_ns=until_ns, bounds_ns=list(bounds_ns)
    )
    shapes = {row["shape_id"]: Shape(tuple(row["path"] or ()), row["events"]) for row in rows}
    return [_shared(row, row["shape_id"]) for row in rows], shapes


@QUERIES.question
def shared_messages(
    cursor: Cursor,
    *,
    since_ns: int,
    until_ns: int,
    events: Sequence[int] | None,
    each_shape: bool,
) -> list[tuple[int | None, Sent]]:
    """What destinations charge event traces for, or flow shapes; None: outside of all of them."""
    rows = QUERIES.records(
        cursor,
        "shared_messages",
        since_ns=since_ns,
        until_ns=until_ns,
        events=None if events is None else list(events),
        each_shape=each_shape,
    )
    return [(row["owner"], Sent(destination_of(row), messages_of(row), since_ns)) for row in rows]


@QUERIES.question
def plain_messages(
    cursor: Cursor, *, since_ns: int, until_ns: int, events: Sequence[int]
) -> tuple[list[tuple[int, Sent]], set[int]]:
    """As :func:`shared_messages`, of event traces without batches, told sizes and workflows.

    And the event traces of which it cannot tell all. In a third of the time.
    """
    rows = QUERIES.records(
        cursor, "plain_messages", since_ns=since_ns, until_ns=until_ns, events=list(events)
    )
    others = {row["owner"] for row in rows if row["queue"] is None}
    plain = [row for row in rows if row["owner"] not in others]
    return [
        (row["owner"], Sent(destination_of(row), messages_of(row), since_ns)) for row in plain
    ], others


@QUERIES.question
def value_shares(
    cursor: Cursor,
    *,
    since_ns: int,
    until_ns: int,
    bounds_ns: Sequence[int],
    attribute: str,
    rates: Sequence[dict[str, Any]],
    fees: Sequence[dict[str, Any]],
    limit: int,
) -> list[ValueShares]:
    """The values of an attribute that cost the most, with what their event traces have."""
    rows = QUERIES.records(
        cursor,
        "value_shares",
        since_ns=since_ns,
        until_ns=until_ns,
        bounds_ns=list(bounds_ns),
        attribute=attribute,
        rates=list(rates) or None,
        fees=list(fees) or None,
        limit=limit,
    )
    counts = {row["value"]: row["events"] for row in rows if row["events"] is not None}
    billed: dict[str, list[tuple[int, Billed]]] = {value: [] for value in counts}
    messages: dict[str, list[tuple[str, Messages]]] = {value: [] for value in counts}
    for row in rows:
        if row["function"] is not None:
            billed[row["value"]].append((row["period"], _billed(row)))
        elif row["queue"] is not None:
            messages[row["value"]].append((row["queue"], messages_of(row)))
    return [
        ValueShares(value, count, tuple(billed[value]), tuple(messages[value]))
        for value, count in counts.items()
    ]


def _shared(row: dict[str, Any], owner: int | None) -> Shared:
    return Shared(owner, row["period"], _billed(row))


def _billed(row: dict[str, Any]) -> Billed:
    memory_mb, fate = row["memory_mb"] or None, Fate(row["fate"])
    plain, flex = (
        Amount(
            fate, memory_mb, exact(row["requests"]), exact(row[name] or 0), exact(row["init_us"])
        )
        for name in ("exec_us", "flex_us")
    )
    untold, scaled = exact(row["untold"]), exact(row["scaled"])
    unrated = bool(row.get("unrated"))
    return Billed(row["function"], None, 0, memory_mb, (plain,), (flex,), untold, scaled, unrated)
