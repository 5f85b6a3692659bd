"""Advice: the month with its range, budgets, and suggestions with their saving and evidence."""

from datetime import date
from decimal import Decimal
from typing import Final

import pytest

from collector.model.cost import Projection
from collector.model.costs.book import make_book
from collector.model.costs.plans import Place
from collector.model.costs.pricing import Pricing
from collector.model.costs.projection import hold_against_budgets, project
from collector.model.costs.rates import Rate
from collector.model.costs.suggestions import (
    Ran,
    arm64,
    batch_size,
    memory_size,
    of_break_even,
    provisioned,
)
from collector.model.window import Window
from collector.settings import FunctionSettings
from collector.store.queries.advice import read_advice
from tests.health.derived import MINUTE, T0_NS, DerivedStore, report, start

D: Final = Decimal
LAMBDA: Final = Place("aws", "aws_lambda", "us-east-1")
TEN_DAYS: Final = {date(2026, 11, day): D(day) for day in range(1, 11)}


def rate(memory_mb: int, architecture: str = "x86_64", units: int = 0) -> Rate:
    rule = FunctionSettings(match="*", architecture=architecture, provisioned_concurrency=units)
    pricing = Pricing(make_book(), [rule])
    terms = pricing.terms("fn", LAMBDA)
    assert terms is not None
    return pricing.rate(terms, memory_mb, date(2026, 11, 20), {})


def ran(memory_mb: int, count: int, mean_ms: int) -> Ran:
    return Ran(memory_mb, D(count), D(count * mean_ms * 1000), rate(memory_mb))


def test_a_month_goes_on_as_the_last_week_did() -> None:
    """55 so far, 20 days to go at 7 a day: the average of the 4th to the 10th; 4 to 10 a day."""
    found = project(TEN_DAYS, date(2026, 11, 11), D(0))

    assert found == Projection("2026-11", D(55), D(55 + 140), D(55 + 80), D(55 + 200), 7)


def test_a_month_of_which_hours_are_known_has_a_wide_range() -> None:
    """2 in six hours are 8 a day; from nothing more to twice as much."""
    found = project({date(2026, 11, 30): D(2)}, date(2026, 11, 30), D(6))

    assert found == Projection("2026-11", D(2), D(8), D(2), D(14), 0)


def test_the_month_before_is_not_spent_in_this_one() -> None:
    """Its days tell the rate alone."""
    days = {date(2026, 10, 30): D(3), date(2026, 10, 31): D(3), date(2026, 11, 1): D(1)}
    found = project(days, date(2026, 11, 1), D(12))

    assert found is not None
    assert (found.so_far_usd, found.projected_usd) == (1, D(1) + D("29.5") * 3)


def test_no_day_that_cost_is_no_projection() -> None:
    """Unknown, not zero."""
    assert project({}, date(2026, 11, 1), D(1)) is None


def test_budgets_are_held_against_their_share_of_the_month() -> None:
    """First match wins; a budget of all beside them."""
    rules = [
        FunctionSettings(match="orders-api"),
        FunctionSettings(match="orders-*", budget_usd=D(100)),
        FunctionSettings(match="mail-*", budget_usd=D(100)),
    ]
    month = Projection("2026-11", D(40), D(400), D(300), D(500), 7)
    spent = {"orders-api": D(10), "orders-worker": D(20), "mail-out": D(10)}
    found = hold_against_budgets(month, spent, rules, D(350))

    told = [(each.so_far_usd, each.projected_usd, each.overshoot_usd) for each in found]
    assert [each.scope for each in found] == ["all", "orders-*", "mail-*"]
    assert told == [(40, 400, 50), (20, 200, 100), (10, 100, 0)]


def test_a_memory_size_it_ran_at_is_suggested_by_what_was_observed() -> None:
    """Twice the memory in less than half the time costs less."""
    found = memory_size("fn", [ran(1024, 200, 40), ran(512, 300, 100)], 128, 90, D(10))
    saving = 500 * 10 * (D("0.1") / 2 - D("0.04")) * D("0.0000166667")

    assert found is not None
    assert (found.saving_usd, found.is_estimate) == (saving, False)
    assert found.action == "set memory to 1024 MB"
    assert "200 invocations at 1024 MB: 40 ms" in found.evidence[0]


def test_a_memory_size_that_costs_more_is_not_suggested() -> None:
    """The size in use is the cheapest of those that were tried."""
    assert memory_size("fn", [ran(1024, 200, 90), ran(512, 300, 100)], 128, 90, D(10)) is None


def test_less_memory_is_an_estimate_where_it_was_not_tried() -> None:
    """At most 90 of 1024 MB used: 128 would do; seven eighths of the time's cost."""
    found = memory_size("fn", [ran(1024, 100, 1000)], 128, 90, D(1))

    assert found is not None
    assert found.is_estimate
    assert found.saving_usd == 100 * D("0.0000166667") * D("0.875")


@pytest.mark.parametrize(("count", "needed"), [(49, 128), (100, 768), (100, None)])
def test_too_little_to_go_by_suggests_no_memory(count: int, needed: int | None) -> None:
    """Few invocations, little to spare, or use not told."""
    assert memory_size("fn", [ran(1024, count, 1000)], needed, needed and 90, D(1)) is None


def test_arm64_saves_a_fifth_of_the_time() -> None:
    """0.0000166667 less 0.0000133334 a GB-s, and that the architecture was assumed is said."""
    found = arm64("fn", [(ran(1024, 100, 1000), rate(1024, "arm64"))], D(1), is_told=False)

    assert found is not None
    assert found.saving_usd == 100 * D("0.0000033333")
    assert any("assumed" in each for each in found.evidence)


@pytest.mark.parametrize(("busy", "best"), [("0.59", 0), ("0.61", 1)])
def test_provisioned_concurrency_pays_from_sixty_percent_on(busy: str, best: int) -> None:
    """0.0000041667 / (0.0000166667 - 0.0000097222) = 60 % busy."""
    hour = D(3600 * 10**6)
    kept = {1: hour * D(busy), 2: hour * D(busy)}
    found = provisioned("fn", kept, hour, rate(1024), rate(1024, units=1), 7, D(730))

    assert found is not None
    assert found.needed_share == pytest.approx(0.6, abs=1e-4)
    assert found.best_count == best
    assert (found.difference_usd < 0) == bool(best)
    assert (of_break_even(found, D(1)) is not None) == bool(best)


def test_as_many_units_are_provisioned_as_are_kept_busy() -> None:
    """Two are always at work, a third a tenth of the time."""
    hour = D(3600 * 10**6)
    busy = {1: hour, 2: 2 * hour, 3: D("2.1") * hour}
    found = provisioned("fn", busy, hour, rate(1024), rate(1024, units=1), 0, D(1))

    assert found is not None
    assert found.best_count == 2
    assert found.difference_usd == pytest.approx(D(7200) * D("-0.0000027778"))


def test_fuller_batches_save_requests() -> None:
    """100 messages in 100 batches become 10: 90 invocations, 90 receives and deletes."""
    found = batch_size("fn", "q", D(100), D(100), D("0.0000002"), D("0.0000008"), D(1))

    assert found is not None
    assert found.saving_usd == 90 * D("0.000001")
    assert batch_size("fn", "q", D(500), D(100), D(1), D(1), D(1)) is None


def test_advice_is_read_from_what_is_stored(store: DerivedStore) -> None:
    """Sixty invocations of a second a minute: a unit never rests, memory is far too much."""
    requests = [f"8f5e2c1a-0b6d-4d57-9a37-{number:012x}" for number in range(60)]
    store.take(
        *(
            row
            for number, request in enumerate(requests)
            for row in (start(number, request), report(number + 1, 1000, request=request))
        )
    )
    pricing = Pricing(make_book(), budget_usd=D("0.001"))
    window = Window(T0_NS, T0_NS + MINUTE)
    found = store.database.read(
        lambda cursor: read_advice(cursor, window, pricing, now_ns=T0_NS + 60 * MINUTE)
    )
    kinds = {each.kind: each for each in found.suggestions}

    assert kinds.keys() == {"memory", "arm64", "provisioned_concurrency"}
    assert kinds["memory"].action == "set memory to 192 MB"
    assert kinds["provisioned_concurrency"].action == "set provisioned concurrency to 1"
    assert found.projection is not None
    assert found.projection.so_far_usd > 0
    assert found.budgets[0].overshoot_usd > 0
