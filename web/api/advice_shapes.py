"""The JSON of advice: the month, budgets, suggestions. Savings are of a month, US dollars."""

from typing_extensions import TypedDict

from collector.model.cost import Advice, BreakEven, BudgetState, Projection, Suggestion


class ProjectionJson(TypedDict):
    """The present month (2026-11) at the rate of late, with the range of quiet and busy days."""

    month: str
    so_far_usd: float
    projected_usd: float
    low_usd: float
    high_usd: float
    days: int


class BudgetJson(TypedDict):
    """A budget of the settings. scope: a pattern of functions, or "all"."""

    scope: str
    budget_usd: float
    projected_usd: float
    so_far_usd: float
    overshoot_usd: float


class SuggestionJson(TypedDict):
    """kind: memory, arm64, provisioned_concurrency, batch_size. is_estimate: not observed."""

    kind: str
    function: str
    title: str
    saving_usd: float
    cost_usd: float
    evidence: list[str]
    is_estimate: bool
    action: str


class BreakEvenJson(TypedDict):
    """When provisioned concurrency pays: from needed_share of the time busy on.

    difference_usd: a month with best_count units (with one where none pays) less one without.
    """

    function: str
    busy_share: float
    needed_share: float
    best_count: int
    difference_usd: float
    cold_starts: int


class AdviceJson(TypedDict):
    """projection is null when no cost is known."""

    projection: ProjectionJson | None
    budgets: list[BudgetJson]
    suggestions: list[SuggestionJson]
    break_evens: list[BreakEvenJson]


def advice_json(advice: Advice) -> AdviceJson:
    return {
        "projection": _projection(advice.projection) if advice.projection else None,
        "budgets": [_budget(each) for each in advice.budgets],
        "suggestions": [_suggestion(each) for each in advice.suggestions],
        "break_evens": [_break_even(each) for each in advice.break_evens],
    }


def _projection(row: Projection) -> ProjectionJson:
    return {
        "month": row.month,
        "so_far_usd": float(row.so_far_usd),
        "projected_usd": float(row.projected_usd),
        "low_usd": float(row.low_usd),
        "high_usd": float(row.high_usd),
        "days": row.day_count,
    }


def _budget(row: BudgetState) -> BudgetJson:
    return {
        "scope": row.scope,
        "budget_usd": float(row.budget_usd),
        "projected_usd": float(row.projected_usd),
        "so_far_usd": float(row.so_far_usd),
        "overshoot_usd": float(row.overshoot_usd),
    }


def _suggestion(row: Suggestion) -> SuggestionJson:
    return {
        "kind": row.kind,
        "function": row.function,
        "title": row.title,
        "saving_usd": float(row.saving_usd),
        "cost_usd": float(row.cost_usd),
        "evidence": list(row.evidence),
        "is_estimate": row.is_estimate,
        "action": row.action,
    }


def _break_even(row: BreakEven) -> BreakEvenJson:
    return {
        "function": row.function,
        "busy_share": row.busy_share,
        "needed_share": row.needed_share,
        "best_count": row.best_count,
        "difference_usd": float(row.difference_usd),
        "cold_starts": row.cold_start_count,
    }
