"""The JSON of costs: US dollars at list prices; null is unknown."""

from decimal import Decimal

from typing_extensions import TypedDict

from collector.model.cost import (
    Assumption,
    Cost,
    CostPart,
    CostPoint,
    CostReport,
    CostRow,
    PriceInForce,
)
from collector.model.window import format_time


class SplitJson(TypedDict):
    """Where the money went; the parts add up to cost_usd. docs/costs.md says what each is."""

    useful_usd: float
    cold_start_usd: float
    retry_usd: float
    duplicate_usd: float
    failed_usd: float
    memory_usd: float
    idle_usd: float
    fee_usd: float


class AssumptionJson(TypedDict):
    """What a figure takes for granted."""

    code: str
    text: str


class CostJson(TypedDict):
    """is_floor: something is known to be missing, so it is no less than this."""

    cost_usd: float | None
    is_floor: bool
    split: SplitJson
    assumptions: list[AssumptionJson]


class CostPartJson(CostJson):
    """One part of an event trace's cost: an invocation's share, the fee of a queue or a workflow.

    share: of the invocation's cost that is this event's, 1/n of a batch of n.
    """

    kind: str
    name: str
    started_at: str | None
    share: float
    span_id: str | None
    trace_id: str | None
    outcome: str | None


class CostRowJson(CostJson):
    """One row. kind: function, queue, workflow, day, event_shape, correlation, version, outside."""

    key: str
    label: str
    kind: str
    path: list[str]
    invocations: float
    successes: float
    event_traces: int | None
    cost_per_invocation_usd: float | None
    cost_per_success_usd: float | None
    cost_per_event_trace_usd: float | None
    evidence: str


class CostsJson(TypedDict):
    """Rows, the dearest first (days in order), their total, and that of the period before."""

    by: str
    costs: list[CostRowJson]
    total: CostRowJson
    cost_before_usd: float | None


class CostPointJson(TypedDict):
    """One step of a series; steps in which nothing was told are not in it."""

    time: str
    cost_usd: float | None
    split: SplitJson
    invocations: float
    successes: float
    cost_per_success_usd: float | None


class TierJson(TypedDict):
    """up_to: so many units a month; null: without end."""

    up_to: float | None
    usd: float


class PriceJson(TypedDict):
    """A price in force. origin: "built in" or "your settings". is_used: it counts something."""

    provider: str
    product: str
    item: str
    architecture: str | None
    regions: list[str]
    unit: str
    tiers: list[TierJson]
    free_per_month: float
    since: str
    until: str | None
    source: str
    verified: bool
    origin: str
    is_used: bool


def usd(value: Decimal | None) -> float | None:
    """Dollars as a number, not rounded; unknown stays unknown."""
    return None if value is None else float(value)


def cost_json(cost: Cost) -> CostJson:
    split = cost.split
    return {
        "cost_usd": usd(cost.usd),
        "is_floor": cost.is_floor,
        "split": {
            "useful_usd": float(split.useful_usd),
            "cold_start_usd": float(split.cold_start_usd),
            "retry_usd": float(split.retry_usd),
            "duplicate_usd": float(split.duplicate_usd),
            "failed_usd": float(split.failed_usd),
            "memory_usd": float(split.memory_usd),
            "idle_usd": float(split.idle_usd),
            "fee_usd": float(split.fee_usd),
        },
        "assumptions": [_assumption(each) for each in cost.assumptions],
    }


def _assumption(said: Assumption) -> AssumptionJson:
    return {"code": said.code, "text": said.text}


def cost_part_json(part: CostPart) -> CostPartJson:
    return {
        **cost_json(part.cost),
        "kind": part.kind,
        "name": part.name,
        "started_at": None if part.start_ns is None else format_time(part.start_ns),
        "share": part.share,
        "span_id": part.span_id,
        "trace_id": part.trace_id,
        "outcome": part.outcome,
    }


def cost_row_json(row: CostRow) -> CostRowJson:
    return {
        **cost_json(row.cost),
        "key": row.key,
        "label": row.label,
        "kind": row.kind,
        "path": list(row.path),
        "invocations": row.invocation_count,
        "successes": row.success_count,
        "event_traces": row.event_count,
        "cost_per_invocation_usd": usd(row.per_invocation_usd),
        "cost_per_success_usd": usd(row.per_success_usd),
        "cost_per_event_trace_usd": usd(row.per_event_usd),
        "evidence": row.evidence,
    }


def costs_json(report: CostReport) -> CostsJson:
    return {
        "by": report.by,
        "costs": [cost_row_json(row) for row in report.rows],
        "total": cost_row_json(report.total),
        "cost_before_usd": usd(report.before_usd),
    }


def cost_point_json(point: CostPoint) -> CostPointJson:
    return {
        "time": format_time(point.time_ns),
        "cost_usd": usd(point.cost.usd),
        "split": cost_json(point.cost)["split"],
        "invocations": point.invocation_count,
        "successes": point.success_count,
        "cost_per_success_usd": usd(point.per_success_usd),
    }


def price_json(price: PriceInForce) -> PriceJson:
    return {
        "provider": price.provider,
        "product": price.product,
        "item": price.item,
        "architecture": price.architecture,
        "regions": list(price.regions),
        "unit": price.unit,
        "tiers": [{"up_to": usd(up_to), "usd": float(each)} for up_to, each in price.tiers],
        "free_per_month": float(price.free_per_month),
        "since": price.since,
        "until": price.until,
        "source": price.source,
        "verified": price.verified,
        "origin": price.origin,
        "is_used": price.is_used,
    }
