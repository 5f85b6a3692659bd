"""What the present month will have cost, with its range, and the budgets it is held against."""

from calendar import monthrange
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from fnmatch import fnmatchcase
from typing import Final

from collector.model.cost import ZERO, BudgetState, Projection
from collector.settings import FunctionSettings

_DAYS: Final = 7  # so that weekends count as often as they come
_HOURS_A_DAY: Final = Decimal(24)


def project(days: Mapping[date, Decimal], today: date, hours_today: Decimal) -> Projection | None:
    """The month of ``today``; ``days``: what each day so far cost, ``hours_today`` of it passed.

    The rest of the month goes on as the last seven whole days did on average; the range takes their
    quietest and busiest day. Before two whole days are stored the present rate goes on, and the
    range reaches from nothing more to twice that. None: no day cost anything that is known.
    """
    if not days:
        return None
    so_far = sum((usd for day, usd in days.items() if _same_month(day, today)), ZERO)
    left = Decimal(monthrange(today.year, today.month)[1] - today.day)
    left += 1 - hours_today / _HOURS_A_DAY
    whole = [days[day] for day in sorted(days) if day < today][-_DAYS:]
    if len(whole) > 1:
        rate, low, high = sum(whole, ZERO) / len(whole), min(whole), max(whole)
    else:
        first = min(days)
        passed = Decimal((today - first).days) + hours_today / _HOURS_A_DAY
        rate = sum(days.values(), ZERO) / passed if passed > 0 else ZERO
        low, high = ZERO, 2 * rate
    return Projection(
        month=f"{today:%Y-%m}",
        so_far_usd=so_far,
        projected_usd=so_far + left * rate,
        low_usd=so_far + left * low,
        high_usd=so_far + left * high,
        day_count=len(whole),
    )


def hold_against_budgets(
    projection: Projection,
    by_function: Mapping[str, Decimal],
    rules: Sequence[FunctionSettings],
    budget_usd: Decimal | None,
) -> tuple[BudgetState, ...]:
    """Each budget of the settings, that of all first.

    ``by_function``: what each cost in the month so far; a pattern's share of it is its share of the
    projection. A function counts to the first pattern that matches it, as everywhere.
    """
    found = []
    if budget_usd is not None:
        found.append(
            BudgetState("all", budget_usd, projection.projected_usd, projection.so_far_usd)
        )
    total = sum(by_function.values(), ZERO)
    spent = dict.fromkeys((rule.match for rule in rules if rule.budget_usd), ZERO)
    for function, usd in by_function.items():
        rule = next((each for each in rules if fnmatchcase(function, each.match)), None)
        if rule is not None and rule.match in spent:
            spent[rule.match] += usd
    for rule in rules:
        if rule.budget_usd is None:
            continue
        share = spent[rule.match] / total if total else ZERO
        found.append(
            BudgetState(
                rule.match,
                rule.budget_usd,
                share * projection.projected_usd,
                spent[rule.match],
            )
        )
    return tuple(found)


def _same_month(day: date, other: date) -> bool:
    return (day.year, day.month) == (other.year, other.month)
