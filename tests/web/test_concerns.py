"""What needs attention is told worst first, with how much and since when."""

import pytest

from collector.model.failures import Failures
from collector.model.health import Counts, FunctionHealth, HealthPoint, Quantiles, QueueHealth
from web import concerns

MINUTE = 60_000_000_000
NONE = Failures(0, 0)


def _function(name: str = "payment", **more: object) -> FunctionHealth:
    known = {"provider": None, "platform": None, "region": None, "account_id": None,
             "counts": Counts(invocation_count=100), "quantiles": Quantiles()}  # fmt: skip
    return FunctionHealth(name, **(known | more))  # type: ignore[arg-type]


def _queue(name: str = "orders-dlq", **more: object) -> QueueHealth:
    known = {"provider": "aws", "is_dlq": True, "source_queue": "orders", "source_evidence": "name",
             "depth": None, "oldest_age_s": None, "oldest_age_since_first_sent_s": None,
             "in_rate": None, "out_rate": None, "observed_at_ns": None,
             "evidence": "metrics"}  # fmt: skip
    return QueueHealth(name, **(known | more))  # type: ignore[arg-type]


def _series(*errors: int | None) -> list[HealthPoint]:
    """A point a minute; None: nothing was invoked in it."""
    return [
        HealthPoint(
            minute * MINUTE,
            Counts() if count is None else Counts(invocation_count=9, error_count=count),
            Quantiles(),
        )
        for minute, count in enumerate(errors)
    ]


@pytest.mark.parametrize(
    ("series", "since", "last"),
    [
        (_series(0, 0, 3, 1), 2, None),
        (_series(2, 0, 3, None, 1), 2, None),
        (_series(0, 3, 1, 0), 1, 2),
        (_series(1, 0, 0, 4, 0), 3, 3),
        (_series(1, None), 0, None),
    ],
)
def test_since_is_the_begin_of_the_last_run(
    series: list[HealthPoint], since: int, last: int | None
) -> None:
    """A step in which nothing was invoked ends no run; one without errors does."""
    failing = _function(counts=Counts(invocation_count=45, error_count=4))
    concern = concerns.of_function(failing, None, series, NONE)

    assert concern is not None
    assert concern.since_ns == since * MINUTE
    assert concern.last_ns == (None if last is None else last * MINUTE)


def test_the_worst_is_told_first_and_the_rest_beside_it() -> None:
    """Throttles before errors before memory; event traces that failed are counted."""
    unwell = _function(
        counts=Counts(invocation_count=200, error_count=10, timeout_count=4),
        throttle_count=50.0, throttle_rate=0.2, memory_mb=512, max_memory_used_mb=500,
    )  # fmt: skip
    concern = concerns.of_function(unwell, None, (), Failures(0, 7))

    assert concern is not None
    assert concern.text == "20 % throttled (50 calls)"
    assert concern.also == (
        "5 % of 200 invocations failed (4 timed out)",
        "500 MB of 512 MB used, 2.34 % left",
    )
    assert (concern.failed_count, concern.failed_status) == (7, "dead_lettered")


@pytest.mark.parametrize(
    "well",
    [
        _function(),
        _function(throttle_count=0.0, throttle_rate=0.0, memory_mb=512, max_memory_used_mb=300),
        _function(counts=Counts(invocation_count=10, cold_start_count=3, warm_count=7)),
    ],
)
def test_who_is_well_or_unknown_needs_no_attention(well: FunctionHealth) -> None:
    """Few starts say nothing about how often it starts cold."""
    assert concerns.of_function(well, None, (), NONE) is None


def test_a_slower_p95_is_told_once_there_is_enough_to_compare() -> None:
    """Half as long again as in the period before."""
    slow = _function(quantiles=Quantiles(duration_p95_ns=300e6))
    earlier = _function(quantiles=Quantiles(duration_p95_ns=100e6))
    rare = _function(counts=Counts(invocation_count=5), quantiles=earlier.quantiles)

    [trouble] = concerns.troubles(slow, earlier)
    assert trouble.text == "p95 300 ms, +200 % against the period before"
    assert concerns.troubles(slow, rare) == []


def test_functions_are_in_order_of_how_unwell_they_are() -> None:
    """Those that are well by how often they are invoked."""
    failing = _function("a", counts=Counts(invocation_count=10, error_count=1))
    busy = _function("b", counts=Counts(invocation_count=500))
    throttled = _function("c", throttle_count=3.0, throttle_rate=0.5)

    ordered = concerns.ordered([_function("d"), busy, failing, throttled], {})
    assert [each.name for each in ordered] == ["c", "a", "b", "d"]


@pytest.mark.parametrize(
    ("queue", "holds"),
    [
        (_queue(depth=2.0), True),
        (_queue(depth=0.0, oldest_age_since_first_sent_s=60.0), False),
        (_queue(oldest_age_since_first_sent_s=60.0), True),
        (_queue(), False),
        (_queue(is_dlq=False, depth=9.0), False),
    ],
)
def test_what_is_known_to_lie_in_a_dead_letter_queue(queue: QueueHealth, holds: bool) -> None:
    """Its depth says so; where that is unknown, event traces that ended there do."""
    assert concerns.holds_dead_letters(queue) is holds
    assert bool(concerns.of_queues([queue], 10 * MINUTE)) is holds


def test_dead_letters_are_told_with_both_ages_and_their_source() -> None:
    """Since it entered as a moment; when it was first sent as an age."""
    queue = _queue(depth=3.0, oldest_age_s=120.0, oldest_age_since_first_sent_s=3600.0)
    [concern] = concerns.of_queues([queue], 10 * MINUTE)

    assert concern.text == "holds 3 messages given up"
    assert concern.since_ns == 8 * MINUTE
    assert concern.also == ("first sent 1 h ago", "from orders")


def test_silent_dead_letter_queues_are_told_by_their_source() -> None:
    """Unless a dead-letter queue of it is known."""
    sent = {"orders": 5 * MINUTE, "ship": MINUTE}

    [concern] = concerns.of_dead_letters(sent, [_queue()], 11 * MINUTE)
    assert (concern.name, concern.also[0]) == ("ship", "first sent 10 min ago")
