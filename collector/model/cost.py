"""What functions, queues and event traces cost: what pages, API and alerts say. None is unknown.

Money is ``Decimal`` US dollars at list prices, never rounded here: whoever shows it rounds, so that
rows add up to their total. Rules, rounding and assumptions are told in docs/costs.md.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from decimal import Decimal
from typing import Final, Self

ZERO: Final = Decimal(0)


@dataclass(frozen=True, slots=True)
class Split:
    """Where money went; the parts add up to the cost.

    ``useful_usd``: handlings that succeeded, what they needed. ``cold_start_usd``: initialisation.
    ``retry_usd``: further attempts that failed again. ``duplicate_usd``: successes at what had
    succeeded before. ``failed_usd``: first attempts that failed. ``memory_usd``: of successful work
    the share of memory beyond what it needs. ``idle_usd``: provisioned capacity that is held.
    ``fee_usd``: queues, buses and topics.
    """

    useful_usd: Decimal = ZERO
    cold_start_usd: Decimal = ZERO
    retry_usd: Decimal = ZERO
    duplicate_usd: Decimal = ZERO
    failed_usd: Decimal = ZERO
    memory_usd: Decimal = ZERO
    idle_usd: Decimal = ZERO
    fee_usd: Decimal = ZERO

    def __add__(self, other: "Split") -> "Split":
        return Split(
            **{each.name: getattr(self, each.name) + getattr(other, each.name)
               for each in fields(Split)}
        )  # fmt: skip

    def __sub__(self, other: "Split") -> "Split":
        return Split(
            **{each.name: getattr(self, each.name) - getattr(other, each.name)
               for each in fields(Split)}
        )  # fmt: skip

    @property
    def total_usd(self) -> Decimal:
        return sum((getattr(self, each.name) for each in fields(self)), ZERO)

    @property
    def wasted_usd(self) -> Decimal:
        """All that a better setting or fewer failures would have saved."""
        return self.total_usd - self.useful_usd - self.fee_usd


@dataclass(frozen=True, slots=True, order=True)
class Assumption:
    """What a figure takes for granted: a code to tell them apart, and a short sentence."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Cost:
    """What something cost. ``usd`` None: nothing stored tells what was billed.

    ``is_floor``: something is known to be missing from it (see ``assumptions``), so it is no less.
    """

    usd: Decimal | None = None
    split: Split = field(default_factory=Split)
    is_floor: bool = False
    assumptions: tuple[Assumption, ...] = ()

    @property
    def is_told(self) -> bool:
        """Whether there is a figure to show: 0 with something missing from it says nothing."""
        return self.usd is not None and not (self.usd == 0 and self.is_floor)

    @classmethod
    def of(cls, split: Split, assumptions: Iterable[Assumption] = ()) -> Self:
        """A known cost of these parts; assumptions are put in order, each once."""
        said = tuple(sorted(set(assumptions)))
        return cls(split.total_usd, split, any(each.code in FLOORS for each in said), said)

    def __add__(self, other: "Cost") -> "Cost":
        """Both together; what is unknown makes it a floor, unless all of it is."""
        known = [each.usd for each in (self, other) if each.usd is not None]
        return Cost(
            sum(known, ZERO) if known else None,
            self.split + other.split,
            self.is_floor or other.is_floor or len(known) == 1,
            tuple(sorted({*self.assumptions, *other.assumptions})),
        )


FLOORS: Final = frozenset(
    ("unknown_duration", "unknown_platform", "unseen", "init_unseen", "unknown_fee",
     "provisioned_unknown", "memory_unknown", "price_missing", "transitions_unknown",
     "express_time_unknown", "express_memory", "fifo_payload")
)  # fmt: skip
"""Codes of assumptions that leave something out: the figure is a floor."""


@dataclass(frozen=True, slots=True)
class CostRow:
    """One row of a report.

    ``kind``: "function", "queue" (its fees), "workflow" (a state machine's), "day", "event_shape",
    "correlation", "version", or "outside" (what no event trace accounts for: metrics alone,
    capacity held, work without traces).
    ``key`` names it for links: the name, the date (2026-11-27), the shape's id, the value.
    ``evidence``: "invocations", "metrics", "messages". ``event_count``: event traces, of event
    shapes and correlation values.
    """

    key: str
    label: str
    kind: str
    cost: Cost
    invocation_count: float = 0
    success_count: float = 0
    event_count: int | None = None
    evidence: str = "invocations"
    path: tuple[str, ...] = ()

    @property
    def per_invocation_usd(self) -> Decimal | None:
        return _per(self.cost.usd, self.invocation_count)

    @property
    def per_success_usd(self) -> Decimal | None:
        """All it cost, failures and waste included, for each invocation that succeeded."""
        return _per(self.cost.usd, self.success_count)

    @property
    def per_event_usd(self) -> Decimal | None:
        return _per(self.cost.usd, self.event_count)


@dataclass(frozen=True, slots=True)
class CostPoint:
    """One step of a series; a step in which nothing was told is not in it."""

    time_ns: int
    cost: Cost
    invocation_count: float = 0
    success_count: float = 0

    @property
    def per_success_usd(self) -> Decimal | None:
        return _per(self.cost.usd, self.success_count)


@dataclass(frozen=True, slots=True)
class CostReport:
    """Rows, the dearest first, their total, and that of the period of the same length before.

    ``by``: "function", "day", "event_shape", "correlation", "version". The totals of one window are
    the same for each of them.
    """

    by: str
    rows: tuple[CostRow, ...]
    total: CostRow
    before_usd: Decimal | None = None


@dataclass(frozen=True, slots=True)
class CostPart:
    """One part of the cost of an event trace: an invocation's share, or the fee of a hop.

    ``share``: of the invocation's cost that is this event's (1/n of a batch of n). ``kind``:
    "invocation", "fee" (of a queue) or "workflow" (of a state machine); ``name``: its function,
    queue or ARN. ``span_id`` None: no span stands for it.
    """

    kind: str
    name: str
    start_ns: int | None
    share: float
    cost: Cost
    span_id: str | None = None
    trace_id: str | None = None
    outcome: str | None = None


@dataclass(frozen=True, slots=True)
class EventCost:
    """What one event trace cost, by part in order of time."""

    cost: Cost
    parts: tuple[CostPart, ...] = ()


@dataclass(frozen=True, slots=True)
class PriceInForce:
    """One price as the page of prices shows it.

    ``tiers``: (up to how many of the unit a month, price of one); None: without end. ``origin``:
    "built in" or "your settings".
    """

    provider: str
    product: str
    item: str
    architecture: str | None
    regions: tuple[str, ...]
    unit: str
    tiers: tuple[tuple[Decimal | None, Decimal], ...]
    free_per_month: Decimal
    since: str
    until: str | None
    source: str
    verified: bool
    origin: str
    is_used: bool = False


@dataclass(frozen=True, slots=True)
class Projection:
    """What the present month will have cost at the rate of the window, with its range."""

    month: str
    so_far_usd: Decimal
    projected_usd: Decimal
    low_usd: Decimal
    high_usd: Decimal
    day_count: int


@dataclass(frozen=True, slots=True)
class BudgetState:
    """A monthly budget of the settings. ``scope``: a function pattern, or "all"."""

    scope: str
    budget_usd: Decimal
    projected_usd: Decimal
    so_far_usd: Decimal

    @property
    def overshoot_usd(self) -> Decimal:
        """By how much the projection is over it; 0 when it is not."""
        return max(ZERO, self.projected_usd - self.budget_usd)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Something to change, what it would save in a month, and why.

    ``kind``: "memory", "arm64", "provisioned_concurrency", "batch_size". ``saving_usd`` and
    ``cost_usd`` (now) are of a month at the window's rate. ``is_estimate``: not observed, inferred.
    """

    kind: str
    function: str
    title: str
    saving_usd: Decimal
    cost_usd: Decimal
    evidence: tuple[str, ...]
    is_estimate: bool = True
    action: str = ""


@dataclass(frozen=True, slots=True)
class BreakEven:
    """When provisioned concurrency pays for a function, and how far it is from that.

    ``busy_share`` of the first unit: the part of the time one invocation at least was going on.
    It pays from ``needed_share`` on. ``best_count``: units that cost least, 0 where none pays;
    ``difference_usd``: a month with them (with one, where none pays) less a month without.
    ``cold_start_count``: in the window.
    """

    function: str
    busy_share: float
    needed_share: float
    best_count: int
    difference_usd: Decimal
    cold_start_count: int


@dataclass(frozen=True, slots=True)
class Advice:
    """Where the money goes from here: the month, the budgets, and suggestions, greatest first."""

    projection: Projection | None
    budgets: tuple[BudgetState, ...] = ()
    suggestions: tuple[Suggestion, ...] = ()
    break_evens: tuple[BreakEven, ...] = ()


def _per(usd: Decimal | None, count: float | None) -> Decimal | None:
    """Money for each of them; None when there are none or the money is unknown."""
    if usd is None or not count:
        return None
    return usd / Decimal(repr(count))
