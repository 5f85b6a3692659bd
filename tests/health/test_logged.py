"""What functions log of their own invocations, and calls that never became one."""

import json
from typing import Any

import pytest

from collector.model.window import Window
from collector.store.queries.health import list_function_health, read_function, read_overview
from tests.health.derived import MINUTE, REQUEST, T0_NS, DerivedStore, line, report, span, start
from tests.health.test_metrics import attributes, summary

WINDOW = Window(T0_NS, T0_NS + 10 * MINUTE)


def logger(at_s: float = 0.1, **said: Any) -> Any:
    """A line as Powertools' logger writes it."""
    known = {"level": "INFO", "message": "got it", "function_request_id": REQUEST}
    return line(json.dumps(known | said), at_s, invocation_id=REQUEST)


@pytest.mark.parametrize(
    ("told", "kind", "evidence"),
    [
        ({"cold_start": True}, "cold", "cold_start in its log"),
        ({"coldStart": "false"}, "warm", "cold_start in its log"),
        ({"message": '{"cold_start": true}'}, None, None),
    ],
    ids=["Powertools", "as a text, in camel case", "inside a text"],
)
def test_a_structured_logger_tells_how_an_invocation_began(
    store: DerivedStore, told: dict[str, Any], kind: str | None, evidence: str | None
) -> None:
    """Neither span nor environment tell: the field of the log line does, whatever comes first."""
    store.take(logger(resource_id=None, **told))
    assert store.invocations("init_kind") == []
    store.take(span(resource_id=None))

    assert store.invocations("init_kind, init_evidence") == [(kind, evidence)]


def test_the_platform_knows_better_than_the_logger(store: DerivedStore) -> None:
    """An environment made ahead of its first call: the logger says cold, nobody waited for it."""
    store.take(start(), logger(cold_start=True), report(1, 500))

    assert store.invocations("init_kind, init_evidence") == [
        ("warm", "REPORT without Init Duration")
    ]


def test_a_line_is_of_the_attempt_it_was_logged_in(store: DerivedStore) -> None:
    """Two attempts under one id: the second, in a new environment, was the cold one."""
    store.take(
        span(0, resource_id=None),
        span(90, span_id=2, trace_id=bytes(15) + b"\x09", resource_id=None),
        logger(0.2, cold_start=False), logger(90.2, cold_start=True),
    )  # fmt: skip

    assert store.invocations("attempt, init_kind") == [(1, "warm"), (2, "cold")]


HANDED_BACK = {
    "batchItemFailures": [{"itemIdentifier": "059f36b4-87a3"}, {"itemIdentifier": "2e1424d4-f796"}]
}
BY_JAVA = (
    "Error while processing message with messageId {}: no rate, adding it to batch item failures"
)


@pytest.mark.parametrize(
    ("bodies", "count"),
    [
        ([json.dumps(HANDED_BACK)], 2),
        ([json.dumps({"message": json.dumps(HANDED_BACK)})], 2),
        ([str(HANDED_BACK)], 2),
        (["{ batchItemFailures: [ { itemIdentifier: '059f36b4-87a3' } ] }"], 1),
        (['{"batchItemFailures":[]}'], 0),
        ([BY_JAVA.format("m-1"), BY_JAVA.format("m-2"), BY_JAVA.format("m-1")], 2),
        (["Record processing exception; skipping this record"] * 2, 2),
        (["Record processing exception; skipping this record", json.dumps(HANDED_BACK)], 2),
        (["batch done"], None),
    ],
    ids=["response", "response in a message", "Python", "Node", "none", "Java", "Powertools",
         "Powertools and response", "nothing"],
)  # fmt: skip
def test_what_a_function_logs_to_hand_back_is_counted(
    store: DerivedStore, bodies: list[str], count: int | None
) -> None:
    """Each message once, however often and in whatever notation it is named; none is zero."""
    store.take(
        span(),
        *(line(body, 0.1 * number, invocation_id=REQUEST) for number, body in enumerate(bodies)),
    )

    assert store.invocations("failed_items") == [(count,)]


def throttled(at_s: float, number: int = 50, **said: Any) -> Any:
    """A call of orders by another function, turned away after the SDK's retries."""
    known = {
        "kind": 3, "status_code": 2, "function": "front", "invocation_id": None, "span_id": number,
        "error_type": "botocore.errorfactory.TooManyRequestsException",
        "attributes": attributes(faas__invoked_name="orders", retry_attempts="4"),
    }  # fmt: skip
    return span(at_s, **(known | said))


def test_a_call_that_was_turned_away_is_a_throttle_and_no_invocation(store: DerivedStore) -> None:
    """Of two calls one ran: one invocation, one throttle, half of all calls throttled."""
    store.take(
        span(), throttled(5),
        throttled(6, 51, error_type="ServiceException"), throttled(7, 52, status_code=0),
    )  # fmt: skip
    [row] = store.database.read(lambda cursor: list_function_health(cursor, WINDOW, steps=10)).rows

    assert store.invocations("function, outcome, duration_ns, init_kind") == [
        ("orders", "ok", 500_000_000, None),
        ("orders", "throttled", None, None),
    ]
    health = row.health
    assert (health.counts.invocation_count, health.counts.error_count) == (1, 0)
    assert (health.throttle_count, health.throttle_rate) == (1, 0.5)
    assert health.throttle_evidence == "callers"
    assert health.max_concurrency == 1
    assert [point.throttle_count for point in row.series] == [1]
    assert store.figures() == store.figures_anew()


def test_a_function_that_is_only_turned_away_is_listed(store: DerivedStore) -> None:
    """Nothing of it ran; its errors say why, by an ARN as well as by a name."""
    arn = "arn:aws:lambda:eu-west-1:123456789012:function:orders:live"
    store.take(throttled(5), throttled(6, 51, attributes=attributes(aws__lambda__invoked_arn=arn)))
    found = store.database.read(lambda cursor: read_function(cursor, "orders", WINDOW))
    overview = store.database.read(lambda cursor: read_overview(cursor, WINDOW))

    assert found is not None
    assert (found.health.counts.invocation_count, found.health.throttle_rate) == (0, 1.0)
    assert [(each.outcome, each.count) for each in found.errors] == [("throttled", 2)]
    assert overview.throttle_count == 2
    assert [point.throttle_count for point in overview.series] == [2]
    macro = store.rows(
        f"select invocations, throttles, throttle_rate, throttle_evidence from function_health("
        f"{T0_NS}, {WINDOW.until_ns}, null)"
    )
    assert macro == [(0, 2.0, 1.0, "callers")]


def test_what_the_platform_counts_goes_before_what_callers_tell(store: DerivedStore) -> None:
    """Its metric has every attempt of the SDK: five, of which the caller tells one."""
    store.take(span(), throttled(65), summary("Throttles", 0, 5))
    overview = store.database.read(lambda cursor: read_overview(cursor, WINDOW))
    [health] = overview.functions

    assert (health.throttle_count, health.throttle_evidence) == (5, "reported")
    assert [
        (each.time_ns - T0_NS) // MINUTE for each in overview.series if each.throttle_count
    ] == [0]
    assert sum(each.throttle_count or 0 for each in overview.series) == 5
