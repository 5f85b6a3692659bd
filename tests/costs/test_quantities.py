"""Quantities added up are what the macro says, and cost what each of them costs."""

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest

from collector.model.costs.book import make_book
from collector.model.costs.pricing import Pricing
from collector.model.costs.quantities import Quantity
from collector.model.costs.summing import Sum
from collector.model.window import Window
from collector.settings import FunctionSettings
from collector.store.queries.cost_cells import read_quantities
from collector.store.queries.cost_rates import Rates
from collector.store.queries.cost_rows import billed_of
from collector.store.queries.costs import (
    read_cost_series,
    read_costs,
    read_costs_over_time,
    read_function_costs,
)
from collector.store.queries.health import list_function_health
from collector.store.queries.steps import HOUR_NS, step_of
from tests.health.derived import MINUTE, SECOND, T0_NS, DerivedStore, Row, report, resource, span

_FIRST_NS = T0_NS // HOUR_NS * HOUR_NS
_WINDOWS = [
    Window(_FIRST_NS + since_ns, _FIRST_NS + until_ns)
    for since_ns, until_ns in (
        (-HOUR_NS, 7 * HOUR_NS),
        (17 * SECOND, 6 * HOUR_NS - 9 * SECOND),
        (50 * MINUTE + 1, 2 * HOUR_NS + 10 * MINUTE + 1),
        (3 * HOUR_NS + MINUTE, 3 * HOUR_NS + 5 * MINUTE),
        (3 * HOUR_NS, 3 * HOUR_NS + 20 * SECOND),
        (9 * HOUR_NS, 10 * HOUR_NS),
    )
]
_PLACES = (
    {"function": "orders", "version": "17"},
    {"function": "orders", "version": "18", "memory_bytes": 1024**3},
    {"function": "azure", "provider": "azure", "platform": "azure.functions"},
    {"function": "google", "provider": "gcp", "platform": "gcp_cloud_functions"},
    {"function": "worker", "provider": "cloudflare", "platform": "cloudflare.workers"},
    {"function": "knative", "provider": None, "platform": "knative"},
)


def several(count: int, seed: int) -> Iterator[Row]:
    """Invocations of five platforms over six hours, many of them in two minutes; some sampled."""
    random = Random(seed)
    for number in range(count):
        at_s = (_FIRST_NS - T0_NS) / SECOND + random.choice(
            (random.uniform(0, 6 * 3600), random.uniform(3 * 3600, 3 * 3600 + 120))
        )
        invocation = f"8f5e2c1a-0b6d-4d57-9a37-{seed:02x}{number:010x}"
        place = random.randrange(len(_PLACES))
        said: dict[str, Any] = {
            "function": _PLACES[place]["function"], "resource_id": place + 1,
        }  # fmt: skip
        if place < 2 and random.random() < 0.5:
            more = random.choice(("", "Init Duration: 312.60 ms\t", "Status: timeout"))
            yield report(at_s, random.uniform(1, 9000), more, invocation, **said)
            if random.random() < 0.5:
                continue
        yield span(
            at_s, random.choice((None, 10 ** random.uniform(-6, 2))), span_id=number + 1,
            status_code=random.choice((0, 0, 2)), cold_start=random.choice((None, True, False)),
            trace_state=random.choice((None, "ot=th:8", "ot=th:c")),
            invocation_id=invocation, **said,
        )  # fmt: skip


@pytest.fixture(scope="module")
def derived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DerivedStore]:
    """A store with figures by the hour, by the minute, and changes that take some of them back."""
    store = DerivedStore(Path(tmp_path_factory.mktemp("quantities")))
    store.commit(*(resource(number, **said) for number, said in enumerate(_PLACES, 1)))
    rows = [*several(500, 1)]
    store.take(*rows[::2])
    store.fold()
    store.take(*rows[1::2], *several(50, 2))
    assert store.rows("select min(amount) < 0 from minute_changes where figure >= 30") == [(True,)]
    yield store
    store.close()


def macro(
    store: DerivedStore, window: Window, step_ns: int, *, each_version: bool
) -> list[tuple[Any, ...]]:
    """The rows of the macro, with as many columns for amounts as there are."""
    amounts = ", ".join(
        f"coalesce(sum(amount) filter (figure in ({30 + place}, {50 + place})), 0)::bigint"
        for place in range(12)
    )
    return store.rows(
        f"select function, if({each_version}, version, null) as version,"
        f" if({step_ns} = 0, {window.since_ns},"
        f" minute * 60_000_000_000 // greatest({step_ns}, 1) * {step_ns})::bigint as time_ns,"
        f" bucket, figure >= 50 as unrated, {amounts}"
        f" from figures_in({window.since_ns}, {window.until_ns},"
        f" {step_ns} % 3_600_000_000_000 <> 0) where figure >= 30"
        " group by all having sum(amount) filter (figure not in (41, 61)) > 0 order by all"
    )


@pytest.mark.parametrize("window", _WINDOWS)
@pytest.mark.parametrize("step_ns", [0, 7 * MINUTE, 2 * HOUR_NS])
def test_quantities_are_what_the_macro_says(
    derived: DerivedStore, window: Window, step_ns: int
) -> None:
    """By function and size, over time, and by version."""
    for each_version in (False, True):
        found, _ = derived.database.read(
            lambda cursor, each=each_version: read_quantities(
                cursor, window, step_ns=step_ns, each_version=each
            )
        )
        told = sorted(
            (
                each.function,
                each.version or "",
                each.time_ns,
                each.memory_mb,
                each.unrated,
                *each.amounts,
            )
            for each in found
        )
        expected = macro(derived, window, step_ns, each_version=each_version)

        assert told == [(row[0], row[1] or "", *row[2:]) for row in expected]


@pytest.mark.parametrize("window", _WINDOWS)
def test_what_is_noticed_is_what_the_macro_says(derived: DerivedStore, window: Window) -> None:
    """The most memory that any invocation of a function used."""
    _, noticed = derived.database.read(lambda cursor: read_quantities(cursor, window))
    within = f"figures_in({window.since_ns}, {window.until_ns}, false)"
    used = derived.rows(
        f"select function, max(bucket) from (select function, bucket from {within}"
        " where figure = 22 group by all having sum(amount) > 0) group by function"
    )

    assert noticed.used_mb == dict(used)


def test_prices_add_up_to_what_each_costs(derived: DerivedStore) -> None:
    """The cost of many is the sum of the cost of each, with all that any of them assumes."""
    rules = (FunctionSettings(match="azure", plan="flex"),)
    for pricing in (Pricing(make_book()), Pricing(make_book(), rules, free_tier=True)):
        for window in _WINDOWS:
            both = derived.database.read(
                lambda cursor, of=pricing, w=window: _both_ways(cursor, w, of)
            )
            for together, apart in both:
                assert together.split == apart.split
                assert (together.usd, together.is_floor) == (apart.usd, apart.is_floor)
                assert together.assumptions == apart.assumptions


def _both_ways(cursor: Any, window: Window, pricing: Pricing) -> list[tuple[Any, Any]]:
    rates = Rates(cursor, window, pricing)
    found, noticed = read_quantities(cursor, window)
    rates.notice(noticed)
    by_function: dict[str, list[Quantity]] = defaultdict(list)
    for each in found:
        by_function[each.function].append(each)
    return [
        (_together(rates, quantities), rates.cost(map(billed_of, quantities), 0))
        for quantities in (*by_function.values(), found)
        if quantities
    ]


def _together(rates: Rates, quantities: list[Quantity]) -> Any:
    result = Sum()
    for each in quantities:
        result.add(each, rates.priced(each, 0))
    return result.cost


@pytest.mark.parametrize("window", _WINDOWS)
def test_steps_add_up_to_the_total(derived: DerivedStore, window: Window) -> None:
    """The chart of a window and its table tell the same money."""
    pricing = Pricing(make_book())
    report, series = derived.database.read(
        lambda cursor: (
            read_costs(cursor, window, pricing),
            read_cost_series(cursor, window, pricing),
        )
    )
    told = sum((point.cost.usd or Decimal(0) for point in series), Decimal(0))

    assert told == pytest.approx(report.total.cost.usd or Decimal(0), rel=Decimal("1e-20"))
    assert all(point.time_ns % step_of(window, 60) == 0 for point in series)


@pytest.mark.parametrize("window", _WINDOWS)
def test_one_reading_tells_the_table_and_the_chart(derived: DerivedStore, window: Window) -> None:
    """What is read once is what is read for each."""
    pricing = Pricing(make_book())
    once, apart = derived.database.read(
        lambda cursor: (
            read_costs_over_time(cursor, window, pricing),
            (read_costs(cursor, window, pricing), read_cost_series(cursor, window, pricing)),
        )
    )

    assert once == apart


@pytest.mark.parametrize("window", _WINDOWS)
@pytest.mark.parametrize("steps", [0, 24])
def test_lists_of_functions_cost_what_functions_cost(
    derived: DerivedStore, window: Window, steps: int
) -> None:
    """Whether their figures are read with those of health or by themselves."""
    pricing = Pricing(make_book())
    listed, costs = derived.database.read(
        lambda cursor: (
            list_function_health(cursor, window, steps=steps, pricing=pricing),
            read_function_costs(cursor, window, pricing),
        )
    )

    told = {row.health.name: row.health.cost for row in listed.rows}
    assert {name: cost for name, cost in told.items() if cost is not None} == costs
