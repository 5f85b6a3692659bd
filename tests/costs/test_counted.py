"""What invocations are billed for is counted from what is stored, as the pure functions do."""

from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import Any, Final

import pytest

from collector.errors import BadQuestion
from collector.model.cost import CostReport
from collector.model.costs import rounding
from collector.model.costs.book import make_book
from collector.model.costs.pricing import Pricing
from collector.model.window import Window
from collector.settings import FunctionSettings, PriceSettings
from collector.store import deriving
from collector.store.queries.costs import read_cost_series, read_costs, read_version_costs
from tests.health.derived import (
    MINUTE,
    SECOND,
    T0_NS,
    DerivedStore,
    Row,
    line,
    report,
    resource,
    span,
    start,
)

MS: Final = 1_000_000
HOUR: Final = 60 * MINUTE
AROUND: Final = Window(T0_NS - HOUR, T0_NS + HOUR)
REQUESTS: Final = [f"8f5e2c1a-0b6d-4d57-9a37-{number:012x}" for number in range(20)]
PRICING: Final = Pricing(make_book())


def costs(
    store: DerivedStore, pricing: Pricing = PRICING, window: Window = AROUND, by: str = "function"
) -> CostReport:
    """The report of the window around the telemetry."""
    return store.database.read(lambda cursor: read_costs(cursor, window, pricing, by=by))


def one(store: DerivedStore, pricing: Pricing = PRICING) -> Decimal:
    """What the only function cost."""
    [row] = costs(store, pricing).rows
    assert row.cost.usd is not None
    return row.cost.usd


DURATIONS: Final = (0, 1, 999_999, MS, 99 * MS + 1, 100 * MS, 1_000_500_000, 61_234_567_890)
COLD: Final = (None, 0, 400_000, 950 * MS)
BILLED: Final = (None, 1 * MS, 61_235 * MS, 62_185 * MS)
STARTS: Final = (rounding.INIT_BILLED_SINCE_NS - 1, rounding.INIT_BILLED_SINCE_NS)


def test_the_store_rounds_as_the_pure_functions_do(store: DerivedStore) -> None:
    """Each provider's rules, over durations, initialisations and billed durations."""
    wrong = [case for case in product(DURATIONS, COLD, BILLED, STARTS) if not same(store, *case)]

    assert wrong == []


def same(
    store: DerivedStore, duration: int, cold: int | None, billed: int | None, start_ns: int
) -> bool:
    """Whether both round alike."""
    values = {"d": duration, "c": cold, "b": billed, "s": start_ns}
    [told] = store.database.read(
        lambda cursor: cursor.execute(
            "select billed_exec_us(1, $s, $d, $c::bigint, $b::bigint, null),"
            " billed_init_us(1, $s, $d, $c::bigint, $b::bigint),"
            " billed_exec_us(2, $s, $d, null, null, null), steps_us($d, 100, 1000),"
            " billed_exec_us(4, $s, $d, $c::bigint, null, null),"
            " billed_init_us(4, $s, $d, $c::bigint, null)",
            values,
        ).fetchall()
    )
    expected = (
        *(rounding.lambda_us(start_ns, duration, cold, billed) or ()),
        rounding.azure_consumption_us(duration),
        rounding.azure_flex_us(duration),
        *rounding.google_us(duration, cold),
    )
    return bool(told == expected)


def test_the_worked_example_of_a_report_line(store: DerivedStore) -> None:
    """512 MB, billed 1224 ms, x86: $0.0000104, with the architecture it assumed."""
    store.take(start(), report(2, 1224))
    [row] = costs(store).rows

    assert row.cost.usd == Decimal("0.0000104000204")
    assert round(row.cost.usd, 7) == Decimal("0.0000104")
    assert [each.code for each in row.cost.assumptions] == ["architecture_assumed"]
    assert not row.cost.is_floor


def test_spans_alone_are_rounded_up_to_milliseconds(store: DerivedStore) -> None:
    """10.2 ms of 1024 MB, told by the resource: 11 ms."""
    store.commit(resource(2, memory_bytes=1024 * 1024 * 1024))
    store.take(span(0, 0.0102, resource_id=2))

    assert one(store) == Decimal("0.0000002") + 11 * Decimal("0.0000000166667")


def test_a_cold_start_is_split_off(store: DerivedStore) -> None:
    """INIT 300 ms and 24 ms of work, billed 324 ms: 300 of them went into the start."""
    store.take(start(), cold_report())
    [row] = costs(store).rows

    assert row.cost.split.cold_start_usd == Decimal("0.300") / 2 * Decimal("0.0000166667")
    assert row.cost.usd == Decimal("0.324") / 2 * Decimal("0.0000166667") + Decimal("0.0000002")


def cold_report() -> Row:
    """A REPORT of 24 ms of work after 300 ms of initialisation, billed as one."""
    table, row = report(2, 24, "Init Duration: 299.60 ms\t")
    return table, row | {"body": row["body"].replace("Billed Duration: 24", "Billed Duration: 324")}


def test_failures_and_their_retries_are_split_off(store: DerivedStore) -> None:
    """An asynchronous invocation that failed twice under one id, then succeeded."""
    store.take(
        *(
            row
            for at, status in ((0, "\tStatus: error"), (60, "\tStatus: error"), (180, ""))
            for row in (start(at), report(at + 1, 1000, status.strip()))
        )
    )
    split = costs(store).total.cost.split
    each = Decimal("0.00000833335") + Decimal("0.0000002")

    assert (split.failed_usd, split.retry_usd) == (each, each)
    assert split.useful_usd + split.memory_usd == each
    assert split.wasted_usd == 2 * each + split.memory_usd


def test_memory_beyond_what_is_used_is_split_off(store: DerivedStore) -> None:
    """At most 148 of 512 MB were used: 192 would do, a quarter to spare."""
    store.take(start(), report(2, 1000))
    split = costs(store).total.cost.split

    assert split.memory_usd == Decimal("0.00000833335") * (1 - Decimal(192) / 512)


def test_prices_of_the_day_hold(store: DerivedStore) -> None:
    """A price of one's own that begins within the window counts from that day on."""
    own = PriceSettings(
        provider="aws", product="lambda", item="requests", usd=Decimal(1), since="2026-11-21"
    )
    store.take(span(0, invocation_id=REQUESTS[0]), span(9 * 3600, invocation_id=REQUESTS[1]))
    wide = Window(T0_NS - HOUR, T0_NS + 10 * HOUR)
    report_ = costs(store, Pricing(make_book([own])), wide, "day")

    assert [row.key for row in report_.rows] == ["2026-11-20", "2026-11-21"]
    assert [round(row.cost.usd or 0, 1) for row in report_.rows] == [0, 1]


def test_the_free_tier_is_taken_off_where_asked_for(store: DerivedStore) -> None:
    """A month far below a million requests and 400,000 GB-s costs nothing."""
    store.take(start(), report(2, 1000))

    assert one(store, Pricing(make_book(), free_tier=True)) == 0
    assert one(store) > 0


def test_sampled_spans_count_for_those_dropped(store: DerivedStore) -> None:
    """A threshold of 0xc keeps a quarter of traces: each span stands for four."""
    store.commit(resource(2, memory_bytes=1024 * 1024 * 1024))
    store.take(span(0, 1, resource_id=2, trace_state="vendor=x,ot=th:c;rv:d29d6a7215ced0"))
    [row] = costs(store).rows

    assert row.invocation_count == 4
    assert row.cost.usd == 4 * (Decimal("0.0000166667") + Decimal("0.0000002"))
    assert "scaled" in {each.code for each in row.cost.assumptions}


def test_lines_of_the_platform_are_not_sampled(store: DerivedStore) -> None:
    """An invocation with a REPORT counts once, whatever its span's sampler did."""
    store.take(start(), report(2, 1000), span(1, 1, trace_state="ot=th:c"))

    assert costs(store).rows[0].invocation_count == 1


def test_a_span_that_never_ended_leaves_a_floor(store: DerivedStore) -> None:
    """Its request is billed; its time is not told."""
    store.take(span(0, None))
    [row] = costs(store).rows

    assert row.cost.usd == Decimal("0.0000002")
    assert row.cost.is_floor


def test_capacity_held_costs_while_the_function_is_known(store: DerivedStore) -> None:
    """Two units of 512 MB, as REPORT says, from its first invocation on: an hour."""
    rule = FunctionSettings(match="orders", provisioned_concurrency=2)
    store.take(start(), report(2, 1000))
    pricing = Pricing(make_book(), [rule])
    held = 2 * 3600 * Decimal("0.5") * Decimal("0.0000046460")
    splits = [costs(store, pricing, by=by).total.cost.split for by in ("function", "day")]

    assert [round(each.idle_usd, 4) for each in splits] == [round(held, 4)] * 2
    assert splits[0].total_usd == splits[1].total_usd


def test_versions_add_up_to_their_function(store: DerivedStore) -> None:
    """Each with its own cost."""
    store.commit(resource(2, version="1"), resource(3, version="2"))
    store.take(
        *(
            span(number, 0.1, invocation_id=REQUESTS[number], resource_id=2 + number % 2)
            for number in range(5)
        )
    )
    versions = store.database.read(
        lambda cursor: read_version_costs(cursor, AROUND, PRICING, "orders")
    )

    assert [(each.key, each.invocation_count) for each in versions] == [("1", 3), ("2", 2)]
    assert sum(each.cost.usd or 0 for each in versions) == one(store)


def test_a_series_adds_up_to_the_total(store: DerivedStore) -> None:
    """Folded or not, whole hours and minutes."""
    store.take(*(span(30 * each, 0.1, invocation_id=REQUESTS[each]) for each in range(10)))
    store.fold()
    store.take(*(span(600 + each, 0.1, invocation_id=REQUESTS[10 + each]) for each in range(5)))
    points = store.database.read(lambda cursor: read_cost_series(cursor, AROUND, PRICING))

    assert len(points) == 4  # of two minutes each
    assert sum(each.cost.usd or 0 for each in points) == one(store)


def test_costs_do_not_change_when_figures_are_folded_or_come_late(tmp_path: Path) -> None:
    """A REPORT that comes before or after its span, at once or apart."""
    rows = [start(), report(2, 1000), span(1, 0.9)]
    found = set()
    for number, order in enumerate(((0, 1, 2), (2, 1, 0), (1, 0, 2))):
        store = DerivedStore(tmp_path / str(number))
        store.commit(resource(1))
        for place in order:
            store.take(rows[place])
        store.database.write(deriving.fold)
        found.add(one(store))
        store.close()

    assert found == {Decimal("0.5") * Decimal("0.0000166667") + Decimal("0.0000002")}


def metric(name: str, value: float, function: str = "resizer", **said: Any) -> Row:
    """A CloudWatch summary of one minute."""
    row = {
        "time_ns": T0_NS + MINUTE, "start_ns": T0_NS, "type": "summary", "count": 1,
        "name": f"amazonaws.com/AWS/Lambda/{name}", "sum": value, "resource_id": 5,
        "attributes": [
            {"key": "Dimensions", "value": f'{{"FunctionName": "{function}"}}'},
        ],
    }  # fmt: skip
    return ("metric_points", row | said)


def test_metrics_alone_have_a_cost(store: DerivedStore) -> None:
    """1000 invocations of 10 s in all at the least memory, which the figure says."""
    store.commit(resource(5, function=None, platform=None))
    store.take(metric("Invocations", 1000), metric("Duration", 10_000), metric("Errors", 100))
    [row] = costs(store).rows

    assert row.evidence == "metrics"
    assert row.cost.usd == 1000 * Decimal("0.0000002") + 10 * Decimal("0.125") * Decimal(
        "0.0000166667"
    )
    assert row.success_count == 900
    assert {"init_unseen", "memory_unknown"} <= {each.code for each in row.cost.assumptions}
    assert row.cost.is_floor


def test_metrics_are_not_counted_beside_invocations(store: DerivedStore) -> None:
    """A function that spans tell of costs what they tell."""
    store.commit(resource(5, function=None, platform=None))
    store.take(span(0, 1), metric("Invocations", 1000, "orders"), metric("Duration", 9, "orders"))
    [row] = costs(store).rows

    assert (row.key, row.invocation_count, row.evidence) == ("orders", 1, "invocations")


def test_invocations_that_metrics_alone_tell_of_leave_a_floor(store: DerivedStore) -> None:
    """1000 by CloudWatch, one of which came; it says so by function, and in the total by day."""
    store.commit(resource(5, function=None, platform=None))
    store.take(span(0, 1), metric("Invocations", 1000, "orders"))
    by_function, by_day = costs(store), costs(store, by="day")

    assert "1,000 invocations, 1 of which" in str(by_function.rows[0].cost.assumptions)
    assert by_function.rows[0].cost.is_floor
    assert by_day.total.cost.is_floor
    assert by_day.total.cost.usd == by_function.total.cost.usd


def test_provisioned_environments_the_settings_do_not_know_leave_a_floor(
    store: DerivedStore,
) -> None:
    """Their capacity costs, and nothing tells how much of it there is."""
    store.take(
        line(
            '{"time":"2026-11-20T15:00:00.000Z","type":"platform.initStart","record":'
            '{"initializationType":"provisioned-concurrency","phase":"init"}}'
        ),
        start(1),
        report(3, 1000),
    )
    [row] = costs(store).rows

    assert "provisioned_unknown" in {each.code for each in row.cost.assumptions}
    assert row.cost.is_floor


def test_an_unknown_grouping_is_refused(store: DerivedStore) -> None:
    """With what there is instead."""
    with pytest.raises(BadQuestion, match="by is one of function, day"):
        costs(store, by="moon")


def test_nothing_stored_costs_nothing_known(store: DerivedStore) -> None:
    """Unknown, not zero."""
    found = costs(store, window=Window(T0_NS - 2 * SECOND, T0_NS - SECOND))

    assert (found.rows, found.total.cost.usd) == ((), None)


def google(name: str, **said: Any) -> Row:
    """A delta of Google Cloud's metrics about a function of the 1st generation with 256 MB."""
    row = {
        "time_ns": T0_NS + MINUTE, "start_ns": T0_NS, "temporality": 1, "resource_id": 6,
        "name": f"cloudfunctions.googleapis.com/function/{name}",
    }  # fmt: skip
    return ("metric_points", row | said)


def test_metrics_alone_tell_what_functions_of_the_first_generation_cost(
    store: DerivedStore,
) -> None:
    """Two of 0 to 100 ms and one of 100 to 300 ms: 2 x 100 + 200 ms, at 0.25 GB and 0.4 GHz."""
    labels = [
        {"key": "function_name", "value": "resizer"}, {"key": "memory", "value": "256"},
        {"key": "status", "value": "ok"},
    ]  # fmt: skip
    store.commit(resource(6, function=None, provider="gcp", platform=None, attributes=labels))
    store.take(
        google("execution_count", type="sum", value_int=3),
        google(
            "execution_times", type="histogram", count=3,
            bucket_counts=[2, 1, 0], explicit_bounds=[1e8, 3e8],
        ),
    )  # fmt: skip
    [row] = costs(store).rows
    second = Decimal("0.25") * Decimal("0.0000025") + Decimal("0.4") * Decimal("0.00001")

    assert row.cost.usd == 3 * Decimal("0.0000004") + Decimal("0.4") * second
    assert [each.code for each in row.cost.assumptions] == ["metrics_spread"]
