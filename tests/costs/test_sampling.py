"""Sampled spans are scaled by the rate that is known, whoever tells it; else the figure says so."""

from decimal import Decimal
from typing import Any, Final

import pytest

from collector.model.cost import CostRow
from collector.model.costs.book import make_book
from collector.model.costs.pricing import Pricing
from collector.settings import FunctionSettings
from collector.store.queries.costs import read_costs
from tests.costs.stitched import AROUND, PRICING, StitchedStore, codes, said
from tests.health.conftest import store
from tests.health.derived import MINUTE, T0_NS, DerivedStore, Row, report, resource, span, start

__all__ = ["store"]

ONE: Final = Decimal("0.0000166667") + Decimal("0.0000002")


def row_of(store: DerivedStore, pricing: Pricing = PRICING) -> CostRow:
    """The row of the only function."""
    found = store.database.read(lambda cursor: read_costs(cursor, AROUND, pricing))
    [row] = found.rows
    return row


def second(store: DerivedStore, **more: Any) -> None:
    """A span of a second at 1 GB."""
    store.commit(resource(2, memory_bytes=1024**3))
    store.take(span(0, 1, resource_id=2, **more))


@pytest.mark.parametrize(
    ("attributes", "times"),
    [
        ({"SampleRate": "20"}, 20),  # one of so many
        ({"itemCount": "8"}, 8),
        ({"_MS__sampleRate": "12.5"}, 8),  # per cent
        ({"sampling__probability": "0.25"}, 4),
        ({"sampler__param": "0.5"}, 2),
        ({"SampleRate": "1"}, 1),
        ({"sampling__probability": "often"}, 1),
        ({"itemCount": "-4"}, 1),
    ],
)
def test_rates_that_attributes_tell_scale_what_it_cost(
    store: DerivedStore, attributes: dict[str, str], times: int
) -> None:
    """Counts, per cents and shares; what is none of them scales nothing."""
    second(store, attributes=said(**attributes))

    assert row_of(store).cost.usd == times * ONE


def test_the_trace_state_comes_before_attributes(store: DerivedStore) -> None:
    """A threshold of 0xc keeps a quarter."""
    second(store, trace_state="ot=th:c", attributes=said(SampleRate="20"))

    assert row_of(store).cost.usd == 4 * ONE


def test_the_settings_tell_a_rate_where_telemetry_does_not(store: DerivedStore) -> None:
    """A tenth of the spans of a pattern is sent; by every grouping, and by shape."""
    rule = FunctionSettings(match="ord*", sample_ratio=0.1)
    second(store)
    row = row_of(store, Pricing(make_book(), [rule]))

    assert (row.cost.usd, row.invocation_count) == (10 * ONE, 10)
    assert "scaled_as_set" in codes(row)
    assert "sampling_unknown" not in codes(row)


def test_a_rate_of_the_settings_adds_up_by_event_and_value(tmp_path: Any) -> None:
    """Flow shapes, values of attributes and days have the same total."""
    pricing = Pricing(make_book(), [FunctionSettings(match="*", sample_ratio=0.1)])
    stitched = StitchedStore(tmp_path)
    stitched.commit(resource(1, memory_bytes=1024**3))
    stitched.take(span(0, 1, attributes=said(shop="a")))
    reports = [stitched.costs(by, pricing) for by in ("function", "day", "event_shape")]
    [shop, rest] = stitched.values("shop", pricing).rows
    stitched.close()

    assert [each.total.cost.usd for each in reports] == [10 * ONE] * 3
    assert (shop.cost.usd, rest.cost.usd) == (10 * ONE, 0)


def test_lines_of_the_platform_are_never_scaled(store: DerivedStore) -> None:
    """A rate of the settings is one of spans."""
    store.take(start(), report(2, 1000), span(1, 1))
    found = row_of(store, Pricing(make_book(), [FunctionSettings(match="*", sample_ratio=0.1)]))

    assert found.invocation_count == 1
    assert not {"scaled_as_set", "sampling_unknown"} & codes(found)


def invocations_metric(total: float) -> Row:
    """CloudWatch's count of a minute."""
    row = {
        "time_ns": T0_NS + MINUTE, "start_ns": T0_NS, "type": "summary", "count": 1,
        "name": "amazonaws.com/AWS/Lambda/Invocations", "sum": total, "resource_id": 5,
        "attributes": said(Dimensions='{"FunctionName": "orders"}'),
    }  # fmt: skip
    return ("metric_points", row)


@pytest.mark.parametrize(("counted", "expected"), [(None, True), (1, False), (900, True)])
def test_spans_alone_say_that_their_sampling_is_unknown(
    store: DerivedStore, counted: float | None, expected: bool
) -> None:
    """Unless metrics count no more than came; where they count more it is a floor."""
    second(store)
    if counted is not None:
        store.commit(resource(5, function=None, platform=None))
        store.take(invocations_metric(counted))
    row = row_of(store)

    assert ("sampling_unknown" in codes(row)) is expected
    assert row.cost.is_floor is (counted == 900)
