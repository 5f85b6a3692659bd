"""Every metric: telemetry that fires a rule on it, and telemetry that must not."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final

import pytest

from collector.alerts.metrics import METRICS
from collector.alerts.sources import Facts
from collector.model.costs.book import make_book
from collector.model.costs.pricing import Pricing
from collector.settings import FunctionSettings
from tests.alerts.watched import WatchedStore, numbered, rule
from tests.health.derived import MINUTE, T0_NS, Row, line, resource, span
from tests.health.test_metrics import summary
from tests.health.test_queues import sqs
from tests.store import event_rows

# The three minutes that are looked at begin here, with an hour before them in which nothing is.
BEGIN_MINUTE: Final = 60
BEGIN_S: Final = BEGIN_MINUTE * 60
END_MINUTE: Final = BEGIN_MINUTE + 4  # windows about flows end a minute earlier
Telemetry = tuple[list[Row], list[Row]]


def spans(name: str, *said: dict[str, Any]) -> list[Row]:
    """Invocations of a function, a second apart."""
    return [
        span(BEGIN_S + 10 + number, **({"function": name, "duration_s": 0.1} | each))
        for number, each in enumerate(said)
    ]


def reports(name: str, *more: str, used_mb: int = 100) -> list[Row]:
    """REPORT lines of a function, each of an invocation of its own."""
    return [
        line(
            f"REPORT RequestId: 8f5e2c1a-0b6d-4d57-9a37-{sum(name.encode()) * 1000 + number:012d}\t"
            f"Duration: 100.00 ms\tBilled Duration: 100 ms\tMemory Size: 128 MB\t"
            f"Max Memory Used: {used_mb} MB\t{text}",
            BEGIN_S + 10 + number, function=name,
        )
        for number, text in enumerate(more)
    ]  # fmt: skip


def told(name: str, metric: str, total: float, most: float = 1.0) -> list[Row]:
    """A point of a CloudWatch metric of a function."""
    dimensions = f'{{"FunctionName":"{name}"}}'
    return [summary(metric, BEGIN_MINUTE, total, most=most, dimensions=dimensions)]


def queue(name: str, depth: float, age_s: float) -> list[Row]:
    """A queue's depth and age."""
    return [
        sqs("ApproximateNumberOfMessagesVisible", name, BEGIN_MINUTE, depth),
        sqs("ApproximateAgeOfOldestMessage", name, BEGIN_MINUTE, age_s),
    ]


def events(name: str, *said: dict[str, Any]) -> list[Row]:
    """Event traces that begin with a function; a path of its own unless told otherwise."""
    known = {"root_function": name, "functions": [name], "path": [name], "at_s": BEGIN_S + 10,
             "shape_id": sum(name.encode())}  # fmt: skip
    return [("event", known | each) for each in said]


def dear(name: str) -> list[Row]:
    """An invocation of fifteen minutes with 10 GB: a quarter of a dollar."""
    text = (
        "REPORT RequestId: 8f5e2c1a-0b6d-4d57-9a37-2f4b0d9d6c99\tDuration: 900000.00 ms\t"
        "Billed Duration: 900000 ms\tMemory Size: 10240 MB\tMax Memory Used: 9000 MB\t"
    )
    return [line(text, BEGIN_S + 910, function=name)]


def versions(name: str, old: str, new: str) -> list[Row]:
    """An invocation of one version an hour ago, and of another now."""
    first = 10 + len(name) * 2
    return [
        resource(first, name, version=old),
        resource(first + 1, name, version=new),
        span(0, function=name, resource_id=first),
        span(BEGIN_S, function=name, resource_id=first + 1),
    ]


OK: Final[dict[str, Any]] = {}
FAILED: Final = {"status_code": 2}
COLD, WARM = {"cold_start": True}, {"cold_start": False}

# By metric: what the rule says beside its defaults, telemetry of "bad" and of "good".
CASES: Final[dict[str, tuple[dict[str, Any], list[Row], list[Row]]]] = {
    "cold_start_rate": (
        {"threshold": 0.4}, spans("bad", COLD, WARM), spans("good", COLD, WARM, WARM),
    ),
    "init_p95_ms": (
        {}, reports("bad", "Init Duration: 3500.00 ms"),
        reports("good", "Init Duration: 200.00 ms"),
    ),
    "throttles": ({}, told("bad", "Throttles", 3), told("good", "Throttles", 0)),
    "throttle_rate": (
        {},
        told("bad", "Throttles", 30) + told("bad", "Invocations", 70),
        told("good", "Throttles", 1) + told("good", "Invocations", 99),
    ),
    "error_rate": ({}, spans("bad", OK, FAILED), spans("good", *[OK] * 10, FAILED)),
    "errors": ({}, spans("bad", FAILED), spans("good", OK)),
    "timeouts": ({}, reports("bad", "Status: timeout"), reports("good", "Status: error")),
    "out_of_memory": (
        {},
        reports("bad", "Status: error\tError Type: Runtime.OutOfMemory"),
        reports("good", "Status: error\tError Type: Runtime.ExitError"),
    ),
    "invocations": ({"threshold": 1}, spans("bad", OK, OK), spans("good", OK)),
    "duration_p50_ms": (
        {}, spans("bad", *[{"duration_s": 2}] * 2), spans("good", OK, OK, {"duration_s": 2}),
    ),
    "duration_p95_ms": ({}, spans("bad", OK, {"duration_s": 4}), spans("good", {"duration_s": 2})),
    "duration_p99_ms": ({}, spans("bad", OK, {"duration_s": 6}), spans("good", {"duration_s": 4})),
    "concurrency": (
        {"threshold": 9}, told("bad", "ConcurrentExecutions", 10, 10),
        told("good", "ConcurrentExecutions", 9, 9),
    ),
    "concurrency_share": (
        {}, told("bad", "ConcurrentExecutions", 10, 9), told("good", "ConcurrentExecutions", 10, 8),
    ),
    "memory_headroom": ({}, reports("bad", "", used_mb=127), reports("good", "", used_mb=100)),
    "iterator_age_s": (
        {}, told("bad", "IteratorAge", 8e6, 8e6), told("good", "IteratorAge", 7e6, 7e6),
    ),
    "async_event_age_s": (
        {}, told("bad", "AsyncEventAge", 7e5, 7e5), told("good", "AsyncEventAge", 5e5, 5e5),
    ),
    "retries": (
        {"threshold": 1}, spans("bad", OK) + events("bad", {"retry_count": 2}),
        spans("good", OK) + events("good", {"retry_count": 1}),
    ),
    "duplicates": (
        {}, spans("bad", OK) + events("bad", {"duplicate_count": 1}),
        spans("good", OK) + events("good", OK),
    ),
    "telemetry_coverage": (
        {}, spans("bad", OK) + told("bad", "Invocations", 2),
        spans("good", OK, OK) + told("good", "Invocations", 2),
    ),
    "function_absence_s": (
        {"threshold": 120},
        [span(BEGIN_S - 60, function="bad")],
        [span(BEGIN_S + 200, function="good"), span(BEGIN_S - 60, function="good")],
    ),
    "dlq_depth": ({}, queue("bad-dlq", 1, 5), queue("good-dlq", 0, 0)),
    "dlq_age_s": ({}, queue("bad-dlq", 1, 1000), queue("good-dlq", 0, 1000)),
    "dlq_age_since_first_sent_s": (
        {},
        queue("bad-dlq", 1, 5) + events(
            "bad", {"at_s": 0, "takes_s": BEGIN_S + 30, "status": "dead_lettered",
                    "path": ["bad", "[bad-dlq]"]},
        ),
        queue("good-dlq", 1, 5) + events(
            "good", {"at_s": BEGIN_S, "status": "dead_lettered", "path": ["good", "[good-dlq]"]},
        ),
    ),
    "queue_age_s": ({}, queue("bad", 3, 400), queue("good", 3, 100)),
    "queue_depth": ({}, queue("bad", 1500, 4), queue("good", 500, 4)),
    "flow_success_rate": (
        {"threshold": 0.9}, events("bad", OK, {"status": "error"}),
        events("good", OK, {"status": "open"}),
    ),
    "flow_p95_ms": ({}, events("bad", {"takes_s": 40}), events("good", {"takes_s": 20})),
    "flow_dead_lettered": (
        {}, events("bad", {"status": "dead_lettered"}), events("good", {"status": "error"}),
    ),
    "flow_absence_s": (
        {"threshold": 150},
        events("bad", {"at_s": BEGIN_S - 60}),
        events("good", {"at_s": BEGIN_S - 60}, {"at_s": BEGIN_S + 100}),
    ),
    "cost_per_day_usd": ({"threshold": 0.05}, dear("bad"), reports("good", "")),
    "cost_per_success_usd": ({}, dear("bad"), reports("good", "")),
    "cost_projected_month_usd": ({"threshold": 1}, dear("bad"), reports("good", "")),
    "budget_projected": ({}, dear("bad"), reports("good", "")),
    "new_flow_shapes": (
        {},
        events("bad", {"at_s": 0, "shape_id": 71}, {"path": ["bad", "new"], "shape_id": 72})
        + versions("bad", "1", "2"),
        events("good", {"at_s": 0, "shape_id": 81}, {"path": ["good", "new"], "shape_id": 82})
        + versions("good", "1", "1"),
    ),
}  # fmt: skip
LONG: Final = ("function_absence_s", "dlq_age_since_first_sent_s", "flow_absence_s")
LIMITS: Final = Facts(
    functions=[FunctionSettings(match="*", concurrency_limit=10)],
    pricing=Pricing(
        make_book(),
        [FunctionSettings(match=name, budget_usd=Decimal(1)) for name in ("bad", "good")],
    ),
)


def scope_of(metric: str) -> dict[str, str]:
    return {METRICS[metric].kind: "*"}


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return tmp_path_factory.mktemp("metrics")


@pytest.fixture
def watched(directory: Any, request: pytest.FixtureRequest) -> Iterator[WatchedStore]:
    """A store with one rule, watched for hours."""
    metric = request.param
    said, bad, good = CASES[metric]
    document = rule(metric, scope=scope_of(metric), owner="team", **said)
    if metric not in LONG:
        document["window"] = "4m" if metric != "new_flow_shapes" else "30m"
    store = WatchedStore(directory / metric, facts=LIMITS)
    store.desk.add(document)
    rows = numbered([each for each in (*bad, *good) if each[0] == "spans"])
    store.take(*rows, *[each for each in (*bad, *good) if each[0] not in ("spans", "event")])
    for number, (_, row) in enumerate(each for each in (*bad, *good) if each[0] == "event"):
        event_rows.event(store.database, number + 1, **row)
    store.database.write(
        lambda cursor: cursor.execute(
            "update alert_progress set evaluated_ns = $now, watched_ns = 1, gap_ns = 1",
            {"now": T0_NS + round((END_MINUTE - 0.25) * MINUTE)},
        )
    )
    yield store
    store.close()


@pytest.mark.parametrize("watched", CASES, indirect=True)
def test_a_metric_fires_on_what_is_bad_and_not_on_what_is_good(watched: WatchedStore) -> None:
    """Of two functions, queues or flows that differ in what the metric is about, one fires."""
    metric = watched.rules()[0].metric
    fired = watched.tick(END_MINUTE)
    names = {"queue": "bad-dlq" if "dlq" in metric else "bad"}
    group = (
        "0000000000000048"
        if metric == "new_flow_shapes"
        else names.get(METRICS[metric].kind, "bad")
    )

    assert fired == [(group, "firing")]


def test_every_metric_is_tested() -> None:
    """A new one needs telemetry that fires it, and telemetry that does not."""
    assert CASES.keys() == METRICS.keys()
