"""Metrics of functions: each temporality and dimension set read as it is meant."""

import random
from pathlib import Path
from typing import Any

import pytest

from collector.model.window import Window
from collector.store.queries.figures_over import list_counts_over
from collector.store.queries.health import list_function_health
from tests.health.derived import MINUTE, T0_NS, DerivedStore, Row, line, resource, span
from tests.health.test_cold_starts import emf

LAMBDA = "amazonaws.com/AWS/Lambda/"
ALIAS = '{"FunctionName":"orders","Resource":"orders:live"}'


def attributes(**said: str) -> list[dict[str, str]]:
    """Attributes as they are stored; double underscores for dots."""
    return [{"key": key.replace("__", "."), "value": value} for key, value in said.items()]


def summary(
    name: str, minute: int, total: float, count: int = 42, most: float = 1.0,
    dimensions: str = '{"FunctionName":"orders"}', **more: Any,
) -> Row:  # fmt: skip
    """A point of a CloudWatch metric stream."""
    row = {
        "name": LAMBDA + name, "type": "summary", "start_ns": T0_NS + minute * MINUTE,
        "time_ns": T0_NS + (minute + 1) * MINUTE, "count": count, "sum": total,
        "quantiles": [0.0, 1.0], "quantile_values": [0.0, most],
        "attributes": attributes(Namespace="AWS/Lambda", MetricName=name, Dimensions=dimensions),
    }  # fmt: skip
    return ("metric_points", row | more)


def counter(
    name: str, minute: float, value: float, *, begun: float = 0, resource_id: int = 1,
    temporality: int = 2, **said: str,
) -> Row:  # fmt: skip
    """A point of a sum: cumulative unless told otherwise."""
    row = {
        "name": name, "type": "sum", "temporality": temporality, "monotonic": True,
        "start_ns": T0_NS + round(begun * MINUTE), "time_ns": T0_NS + round(minute * MINUTE),
        "value_double": value, "function": "orders", "resource_id": resource_id,
        "attributes": attributes(**said),
    }  # fmt: skip
    return ("metric_points", row)


def reported(store: DerivedStore, columns: str, minutes: int = 10) -> list[tuple[Any, ...]]:
    """Columns of what metrics tell in the first minutes."""
    return store.rows(
        f"select {columns} from reported_health({T0_NS}, {T0_NS + minutes * MINUTE}, 0, null)"
        " order by function"
    )


RULES: list[tuple[str, list[Row], str, list[tuple[Any, ...]]]] = [
    (
        "cold starts told in log lines, beside CloudWatch's invocations",
        [
            summary("Invocations", 0, 3),
            line(emf("ColdStart"), 1, resource_id=None),
            line(emf("ColdStart").replace("[1.0]", "1"), 2, resource_id=None),
            line(emf("ColdStart")[:-1], 3),
        ],
        "function, invocations, cold_starts",
        [("orders", 3.0, 2.0)],
    ),
    (
        "sums of a summary add up over time",
        [summary("Throttles", 0, 3), summary("Throttles", 1, 2)],
        "function, throttles",
        [("orders", 5.0)],
    ),
    (
        "a gauge is its greatest maximum",
        [
            summary("ConcurrentExecutions", 0, 30, most=7),
            summary("ConcurrentExecutions", 1, 9, most=3),
        ],
        "max_concurrency",
        [(7.0,)],
    ),
    (
        "other dimension sets are not added up",
        [
            summary("Throttles", 0, 3),
            summary("Throttles", 0, 9, dimensions='{"FunctionName":"orders","Resource":"orders"}'),
            summary("Throttles", 0, 9, dimensions=ALIAS),
        ],
        "throttles",
        [(3.0,)],
    ),
    (
        "a total without dimensions is nobody's",
        [summary("Throttles", 0, 9, attributes=attributes(Namespace="AWS/Lambda"))],
        "throttles",
        [],
    ),
    (
        "increases of a cumulative counter, a fall being a reset",
        [counter("faas.invocations", minute, value) for minute, value in
         ((1, 10), (2, 25), (3, 4), (4, 6))],
        "invocations",
        [(31.0,)],
    ),
    (
        "each environment's stream by itself",
        [
            resource(2, "orders", instance="b"),
            *(counter("faas.coldstarts", minute, 1, resource_id=each)
              for each in (1, 2) for minute in (1, 2, 3)),
        ],
        "cold_starts",
        [(2.0,)],
    ),
    (
        "a counter that began before the window says nothing of it by its first point",
        [counter("faas.invocations", 1, 1000, begun=-600), counter("faas.invocations", 2, 1003,
                                                                 begun=-600)],
        "invocations",
        [(3.0,)],
    ),
    (
        "errors and timeouts are invocations too",
        [counter("faas.invocations", 1, 10), counter("faas.errors", 1, 2),
         counter("faas.timeouts", 1, 1)],
        "invocations, errors, timeouts",
        [(13.0, 3.0, 1.0)],
    ),
    (
        "deltas of Google Cloud by status",
        [
            counter("cloudfunctions.googleapis.com/function/execution_count", 2, amount, begun=1,
                    temporality=1, status=status, function_name="thumbs")
            for status, amount in (("ok", 8), ("error", 2), ("timeout", 1), ("out of quota", 4))
        ],
        "function, invocations, errors, timeouts, throttles",
        [("thumbs", 11.0, 3.0, 1.0, 4.0)],
    ),
    (
        "OpenFaaS by code",
        [
            counter("gateway_function_invocation_total", 1, amount, function_name="resize.fn",
                    code=code)
            for code, amount in (("200", 7), ("500", 2))
        ],
        "function, invocations, errors",
        [("resize.fn", 9.0, 2.0)],
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("told", "columns", "expected"), [each[1:] for each in RULES], ids=[each[0] for each in RULES]
)
def test_a_metric_is_read_as_it_is_meant(
    store: DerivedStore, told: list[Row], columns: str, expected: list[tuple[Any, ...]]
) -> None:
    """What adds up, what does not, and what begins anew."""
    store.take(*told)

    assert reported(store, columns) == expected


def test_a_correction_replaces_what_was_reported(store: DerivedStore) -> None:
    """The stream sends a point again when late data came: the last counts."""
    store.commit(summary("Throttles", 0, 3))
    store.commit(summary("Throttles", 0, 5))

    assert reported(store, "throttles") == [(5.0,)]


def test_a_gap_is_not_zero(store: DerivedStore) -> None:
    """Idle functions send nothing: such a step is not there, an untold figure is null."""
    store.commit(summary("Throttles", 0, 3), summary("Throttles", 5, 0))
    steps = store.rows(
        "select (time_ns - 1795186800000000000) // 60000000000, throttles, invocations"
        f" from reported_health({T0_NS}, {T0_NS + 10 * MINUTE}, {MINUTE}, null) order by time_ns"
    )

    assert steps == [(0, 3.0, None), (5, 0.0, None)]


@pytest.mark.parametrize("seed", range(4))
def test_the_order_points_came_in_is_no_matter_and_steps_add_up(
    store: DerivedStore, tmp_path: Path, seed: int
) -> None:
    """Two functions' series, each point in an export of its own, a third of them sent twice."""
    draw = random.Random(seed)
    names = ("Invocations", "Errors", "Duration", "ConcurrentExecutions")
    points = [
        summary(name, minute, draw.randrange(9), most=draw.randrange(9),
                dimensions=f'{{"FunctionName":"{function}"}}')
        for function in ("orders", "thumbs") for name in names for minute in range(12)
    ]  # fmt: skip
    points += [counter("faas.invocations", each, 3 * each, begun=-5) for each in range(-9, 12)]
    shuffled = points + draw.sample(points, len(points) // 3)
    draw.shuffle(shuffled)
    other = DerivedStore(tmp_path / "other")
    for point in shuffled:
        store.commit(point)
    other.commit(resource(1), *points)

    amounts = "invocations, errors, duration_ms"
    told = f"from reported_health({T0_NS}, {T0_NS + 12 * MINUTE}, {{}}, {{}})"
    step = draw.choice((MINUTE, 5 * MINUTE, 7 * MINUTE))
    steps = f"select * {told.format(step, 'null')} order by all"
    whole = f"select function, {amounts}, max_concurrency {told.format(0, 'null')} order by all"
    sums = ", ".join(f"sum({each})" for each in amounts.split(", "))
    assert store.rows(steps) == other.rows(steps)
    assert store.rows(whole) == store.rows(
        f"select function, {sums}, max(max_concurrency) {told.format(step, 'null')}"
        " group by function order by all"
    )
    one = "'orders'"
    alone = f"select function, {amounts}, max_concurrency {told.format(0, one)}"
    assert store.rows(alone) == [row for row in store.rows(whole) if row[0] == "orders"]


def test_metrics_and_invocations_are_never_added_up(store: DerivedStore) -> None:
    """One invocation seen, 40 reported: the function has the one, its throttle rate theirs."""
    store.take(
        span(), summary("Invocations", 0, 40), summary("Throttles", 0, 10),
        summary("Invocations", 0, 7, dimensions='{"FunctionName":"silent"}'),
    )  # fmt: skip
    rows = store.rows(
        "select function, invocations, throttles, throttle_rate, evidence"
        f" from function_health({T0_NS}, {T0_NS + MINUTE}, null) order by function"
    )

    assert rows == [("orders", 1, 10.0, 0.2, "invocations"), ("silent", 7, None, None, "metrics")]


def test_a_metric_of_starts_tells_what_invocations_do_not(store: DerivedStore) -> None:
    """The first invocation seen of an environment may have been warm, unless a start is counted."""
    window = Window(T0_NS, T0_NS + 3 * MINUTE)

    def starts() -> list[tuple[int, int]]:
        """Cold and warm ones, as SQL and as pages have them."""
        [row] = store.database.read(lambda cursor: list_function_health(cursor, window)).rows
        told = f"select cold_starts, warm from function_health({T0_NS}, {window.until_ns}, null)"
        return [
            store.rows(told)[0],
            (row.health.counts.cold_start_count, row.health.counts.warm_count),
        ]

    store.take(*(span(minute * 60) for minute in (0, 1, 2)))
    assert starts() == [(0, 2), (0, 2)]
    store.take(counter("faas.coldstarts", 2.5, 1, temporality=1, begun=2))
    assert starts() == [(1, 2), (1, 2)]


def test_a_cold_start_told_in_a_log_line_alone_is_seen_by_pages_and_macro(
    store: DerivedStore,
) -> None:
    """No point of any metric came: the line tells of one start, and so the other was warm."""
    window = Window(T0_NS, T0_NS + 3 * MINUTE)
    other = {"resource_id": None, "trace_id": bytes(15) + b"\x09", "invocation_id": "r-2"}
    store.take(
        span(0, resource_id=None), span(60, span_id=2, **other),
        line(emf("ColdStart"), 0, resource_id=None),
    )  # fmt: skip
    [row] = store.database.read(lambda cursor: list_function_health(cursor, window)).rows
    told = f"select cold_starts, warm from function_health({T0_NS}, {window.until_ns}, null)"

    assert (row.health.counts.cold_start_count, row.health.counts.warm_count) == (1, 1)
    assert store.rows(told) == [(1, 1)]


def test_many_windows_are_read_of_metrics_that_name_a_plan(store: DerivedStore) -> None:
    """What metrics say in words is told of a window too, not added up."""
    name = "cloudfunctions.googleapis.com/function/execution_count"
    store.commit(
        counter(name, 1, 3, temporality=1, status="ok"),
        counter(name, 2, 4, temporality=1, begun=1, status="ok"),
    )
    windows = [Window(T0_NS, T0_NS + 2 * MINUTE), Window(T0_NS, T0_NS + 9 * MINUTE)]
    found = store.database.read(lambda cursor: list_counts_over(cursor, windows))

    assert found is not None
    assert [whole.counts.invocation_count for _, whole in found] == [7, 7]
