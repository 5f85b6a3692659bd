"""What pages say about costs: parts of the money, shares, and what figures take for granted.

An assumption is told where it matters (a dotted underline) and once in a list, with whom it
concerns and how to replace it by what is so.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from collector.model.cost import ZERO, Assumption, Cost, CostRow, Split

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
    PartKind("fee_usd", "queues and buses", "fees of messages", "--fn-7", wasted=False),
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


def is_told(cost: Cost) -> bool:
    """Whether there is a figure to show: 0 with something missing from it says nothing."""
    return cost.usd is not None and not (cost.usd == 0 and cost.is_floor)


def share_of(cost: Cost, total: Cost) -> float | None:
    """Of the total; None where either is unknown."""
    if cost.usd is None or not total.usd or not is_told(cost):
        return None
    return float(cost.usd / total.usd)


def change(now: Decimal | None, was: Decimal | None) -> float | None:
    """By what share it grew; None where that cannot be said."""
    if now is None or not was:
        return None
    return float(now / was) - 1


def waste(cost: Cost) -> float | None:
    """The share of it that a better setting or fewer failures would have saved."""
    return float(cost.split.wasted_usd / cost.usd) if cost.usd else None


def said(rows: Sequence[CostRow], floors: Iterable[str]) -> tuple[Said, ...]:
    """Every assumption of the rows once, those that leave something out first.

    Sentences that differ by a name alone, such as of a queue without a price, count as one.
    """
    missing = frozenset(floors)
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
            is_floor=each.code in missing,
            remedy=_remedy(each, tuple(names)),
        )
        for each, names in by_text.items()
    ]
    return tuple(sorted(found, key=lambda one: (not one.is_floor, -one.count, one.text)))


def _general(each: Assumption) -> Assumption:
    if each.code == "unknown_fee":
        return Assumption(each.code, "no price is known of what sends these messages")
    return each


def shown(cost: Cost) -> str:
    """How a figure stands: ``≥`` in front of a floor, ``~`` of what assumes anything."""
    return "≥ " if cost.is_floor else "~" if cost.assumptions else ""


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
    "plan_assumed": ("functions", 'plan = "flex"'),
    "unknown_fee": ("queues", 'kind = "sqs"'),
}


def dearest(rows: Iterable[CostRow]) -> Decimal:
    """The greatest known cost of the rows; 0 where none is known."""
    return max((row.cost.usd for row in rows if row.cost.usd is not None), default=ZERO)
