"""What pages say about costs: parts of the money, shares, and what figures take for granted.

An assumption is told where it matters (a dotted underline) and once in a list, with whom it
concerns and how to replace it by what is so.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from collector.model.cost import (
    FLOORS,
    ZERO,
    Assumption,
    Cost,
    CostPart,
    CostPoint,
    CostRow,
    EventCost,
    Split,
)

_MOST_NAMES: Final = 5


@dataclass(frozen=True, slots=True)
class PartKind:
    """One way money goes. ``colour`` is a token; ``wasted``: a better setting would save it."""

    field: str
    name: str
    meaning: str
    colour: str
    wasted: bool = True

    @property
    def key(self) -> str:
        """Its name in class names."""
        return self.field.removesuffix("_usd")


KINDS: Final = (
    PartKind("useful_usd", "useful work", "what handlings that succeeded needed", "--accent",
             wasted=False),
    PartKind("fee_usd", "queues and workflows", "fees of messages and state transitions",
             "--unknown", wasted=False),
    PartKind("cold_start_usd", "cold starts", "initialisation that is billed", "--cold"),
    PartKind("failed_usd", "failed work", "first attempts that failed", "--bad"),
    PartKind("retry_usd", "retries", "further attempts that failed again", "--warn"),
    PartKind("duplicate_usd", "duplicates", "successes at what had succeeded before", "--fn-3"),
    PartKind("memory_usd", "memory over need",
             "of successful work the share of memory beyond what it used and a quarter", "--fn-5"),
    PartKind("idle_usd", "capacity held", "provisioned concurrency, used or not", "--fn-8"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Part:
    """So much of a cost went this way; ``share`` is of the whole, None where that is 0."""

    kind: PartKind
    usd: Decimal
    share: float | None


@dataclass(frozen=True, slots=True)
class Bar:
    """One stretch of a bar, in per cent of its box."""

    key: str
    title: str
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class EventPart:
    """What one function's invocations, or one queue's or workflow's fees, cost of an event trace.

    ``count``: invocations, or 1; ``failed_count``: of them. ``shared``: some served other event
    traces too, and are counted in part. ``share``: of the event's cost.
    """

    kind: str
    name: str
    count: int
    failed_count: int
    shared: bool
    cost: Cost
    bars: tuple[Bar, ...]
    share: float | None


@dataclass(frozen=True, slots=True)
class Said:
    """An assumption, whom it concerns (at most some names, of ``count``), and its remedy."""

    text: str
    code: str
    names: tuple[str, ...]
    count: int
    is_floor: bool
    remedy: str


def parts(split: Split) -> tuple[Part, ...]:
    """Those that cost anything, in the order of :data:`KINDS`."""
    total = split.total_usd
    return tuple(
        Part(kind, usd, float(usd / total) if total else None)
        for kind in KINDS
        if (usd := getattr(split, kind.field))
    )


def bars(split: Split, most: Decimal) -> tuple[Bar, ...]:
    """The parts side by side, as a share of the dearest row's."""
    found, x = [], 0.0
    for part in parts(split):
        width = float(part.usd / most) * 100 if most else 0.0
        found.append(Bar(part.kind.key, part.kind.name, round(x, 2), round(width, 2)))
        x += width
    return tuple(found)


def share_of(cost: Cost, total: Cost) -> float | None:
    """Of the total; None where either is unknown."""
    if cost.usd is None or not total.usd or not cost.is_told:
        return None
    return float(cost.usd / total.usd)


def change(now: Decimal | None, was: Decimal | None) -> float | None:
    """By what share it grew; None where that cannot be said."""
    if now is None or not was:
        return None
    return float(now / was) - 1


def each(usd: Decimal | None, count: int) -> Decimal | None:
    """Shared out over so many; None where there are none or the money is unknown."""
    return usd / count if usd is not None and count else None


def waste(cost: Cost) -> float | None:
    """The share of it that a better setting or fewer failures would have saved."""
    return float(cost.split.wasted_usd / cost.usd) if cost.usd else None


def said(rows: Iterable[CostRow]) -> tuple[Said, ...]:
    """Every assumption of the rows once, those that leave something out first.

    Sentences that differ by a name alone, such as of a queue without a price, count as one.
    """
    by_text: dict[Assumption, dict[str, None]] = defaultdict(dict)
    for row in rows:
        for each in row.cost.assumptions:
            by_text[_general(each)].setdefault(row.label)
    found = [
        Said(
            text=each.text,
            code=each.code,
            names=tuple(names)[:_MOST_NAMES],
            count=len(names),
            is_floor=each.code in FLOORS,
            remedy=_remedy(each, tuple(names)),
        )
        for each, names in by_text.items()
    ]
    return tuple(sorted(found, key=lambda one: (not one.is_floor, -one.count, one.text)))


def _general(each: Assumption) -> Assumption:
    if each.code == "unknown_fee":
        return Assumption(each.code, "no price is known of what sends these messages")
    return each


def _remedy(each: Assumption, names: Sequence[str]) -> str:
    """The lines of the settings that say what is so; empty where nothing can."""
    table, line = _REMEDIES.get(each.code, ("", ""))
    if "Google" in each.text or "generation" in each.text:
        line = line.replace('"flex"', '"1st-gen"')
    elif "billing" in each.text:
        line = line.replace('"flex"', '"instance-based"')
    match = json.dumps(names[0] if len(names) == 1 else "*", ensure_ascii=False)
    return f"[[{table}]]\nmatch = {match}\n{line}" if table else ""


_REMEDIES: Final[Mapping[str, tuple[str, str]]] = {
    "architecture_assumed": ("functions", 'architecture = "arm64"'),
    "memory_unknown": ("functions", "memory_mb = 512"),
    "memory_assumed": ("functions", "memory_mb = 512"),
    "memory_as_set": ("functions", "memory_mb = 256"),
    "vcpu_assumed": ("functions", "vcpu = 1"),
    "sampling_unknown": ("functions", "sample_ratio = 1"),
    "plan_assumed": ("functions", 'plan = "flex"'),
    "provisioned_unknown": ("functions", "provisioned_concurrency = 1"),
    "unknown_fee": ("queues", 'kind = "sqs"'),
}


def dearest(rows: Iterable[CostRow]) -> Decimal:
    """The greatest known cost of the rows; 0 where none is known."""
    return max((row.cost.usd for row in rows if row.cost.usd is not None), default=ZERO)


def together(rows: Iterable[CostRow]) -> CostRow:
    """All of them as one: its unit costs are averages."""
    found = list(rows)
    return CostRow(
        key="",
        label="",
        kind="total",
        cost=_sum([row.cost for row in found]),
        invocation_count=sum(row.invocation_count for row in found),
        success_count=sum(row.success_count for row in found),
        event_count=sum(row.event_count or 0 for row in found),
    )


def of_points(points: Sequence[CostPoint], name: str) -> CostRow:
    """A series as the row of what it is of."""
    return replace(
        together(
            CostRow(name, name, "function", each.cost, each.invocation_count, each.success_count)
            for each in points
        ),
        key=name,
        label=name,
        kind="function",
        event_count=None,
    )


def of_event(found: EventCost | None) -> tuple[EventPart, ...]:
    """Its parts by function, queue and workflow, the dearest first."""
    if found is None:
        return ()
    groups: dict[tuple[str, str], list[CostPart]] = defaultdict(list)
    for part in found.parts:
        groups[part.kind, part.name].append(part)
    costs = {key: _sum([part.cost for part in group]) for key, group in groups.items()}
    most = max((cost.usd for cost in costs.values() if cost.usd is not None), default=ZERO)
    listed = [
        EventPart(
            kind=kind,
            name=name,
            count=len(group),
            failed_count=sum(part.outcome not in (None, "ok") for part in group),
            shared=any(part.share < 1 for part in group),
            cost=costs[kind, name],
            bars=bars(costs[kind, name].split, most),
            share=share_of(costs[kind, name], found.cost),
        )
        for (kind, name), group in groups.items()
    ]
    return tuple(sorted(listed, key=lambda each: (-(each.cost.usd or ZERO), each.name)))


def _sum(costs: Sequence[Cost]) -> Cost:
    total = costs[0] if costs else Cost(None)
    for cost in costs[1:]:
        total += cost
    return total
