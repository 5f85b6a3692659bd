"""The metrics of cost, at list prices; what they take for granted is told in docs/costs.md."""

from typing import Any, Final

from collector.alerts.metric import AMOUNT, RATIO, USD, Metric
from collector.alerts.sources import Spent

DAYS_A_MONTH: Final = 730 / 24  # as cloud providers count: 730 hours


def _invocations(spent: Spent) -> int:
    return round(spent.row.invocation_count)


def _month(spent: Spent) -> float | None:
    return None if spent.per_day_usd is None else spent.per_day_usd * DAYS_A_MONTH


def _metric(**said: Any) -> Metric:
    known: dict[str, Any] = {
        "kind": "function", "source": "costs", "comparison": ">", "unit": USD, "window": "1d",
        "count": _invocations, "whole_source": "whole_cost",
    }  # fmt: skip
    return Metric(**(known | said))


COST_METRICS: Final = (
    _metric(
        name="cost_per_day_usd", title="Cost a day", threshold=10, nature=AMOUNT,
        read=lambda spent: spent.per_day_usd,
        description="What the window cost, as for a whole day; all together with fees of queues.",
    ),
    _metric(
        name="cost_per_success_usd", title="Cost of a success", threshold=0.001,
        read=lambda spent: spent.per_success_usd,
        description="All that was paid, failures and waste included, for each invocation that "
        "succeeded.",
    ),
    _metric(
        name="cost_projected_month_usd", title="Projected month", threshold=100, nature=AMOUNT,
        read=_month,
        description="What a month of 730 hours costs if it goes on as in the window.",
    ),
    _metric(
        name="budget_projected", title="Budget", threshold=1, nature=AMOUNT, unit=RATIO,
        source="budgets", whole_source=None, together="max", count=lambda _: None,
        read=lambda held: float(held.projected_usd / held.budget_usd),
        description="What the calendar month will have cost at the rate of its last days, beside "
        "its budget in the settings: 1 is all of it. A scope selects budgets by their pattern, "
        "`all` being that of all functions together; without one the worst counts.",
    ),
)  # fmt: skip
