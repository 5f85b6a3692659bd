"""Partial batch failures: what an invocation that ended well handed back of its messages."""

from typing import Any, Final

import pytest

from collector.model.window import Window
from collector.store.queries.health import list_function_health, read_function
from tests.health.derived import MINUTE, REQUEST, SECOND, T0_NS, DerivedStore, Row, line, span
from tests.health.test_metrics import summary
from tests.store.event_rows import event, fragment, key, trace_id

WINDOW: Final = Window(T0_NS, T0_NS + 10 * MINUTE)
BATCH: Final = 100
OK, FAILED = 1, 2
MESSAGE, SPAN, TAKEN = 3, 2, 2


def told(store: DerivedStore) -> tuple[Any, ...]:
    """What pages have of the function orders, which must be what the macro says."""
    [row] = store.database.read(
        lambda cursor: list_function_health(cursor, WINDOW, batches=True)
    ).rows
    one = store.database.read(lambda cursor: read_function(cursor, "orders", WINDOW))
    assert one is not None
    assert one.health.partial_batch_failure_count == row.health.partial_batch_failure_count
    found = (
        row.health.partial_batch_failure_count, row.health.partial_batch_count,
        row.health.partial_batch_evidence,
    )  # fmt: skip
    macro = store.rows(
        "select failed, batches, evidence"
        f" from batch_health({WINDOW.since_ns}, {WINDOW.until_ns}, 'orders')"
    )
    assert found[2] == "metrics" or macro == ([] if found[2] is None else [found])
    return found


def batch(
    store: DerivedStore, outcomes: list[int], *, again: tuple[int, ...] = (), **head: Any
) -> None:
    """An invocation that took a message for each outcome; those of ``again`` come once more.

    Outcome 0: the message has no span of its own.
    """
    invoked = {"trace_id": trace_id(BATCH).bytes, "function": "orders"}
    store.take(span(**invoked, **head))
    of = {"trace_id": trace_id(BATCH), "function": "orders"}
    fragment(store.database, BATCH, **of, part=2)
    for number, outcome in enumerate(outcomes):
        event(store.database, number + 1, root_function="api", retry_count=int(number in again))
        fragment(
            store.database, 200 + number, **of, part=1, shared_id=BATCH,
            event_trace_id=number + 1, failed=outcome == FAILED or head.get("status_code") == 2,
        )  # fmt: skip
        message = {"role": TAKEN, "function": "orders"}
        key(store.database, f"m-{number}", 200 + number, MESSAGE, outcome=outcome, **message)
        if number in again:
            at = {"time_ns": T0_NS + 30 * SECOND, "outcome": OK}
            fragment(
                store.database, 300 + number, function="orders", event_trace_id=number + 1,
                start_ns=T0_NS + 30 * SECOND,
            )  # fmt: skip
            key(store.database, f"m-{number}", 300 + number, MESSAGE, **message | at)


RULES: Final[dict[str, tuple[list[int], dict[str, Any], tuple[Any, ...]]]] = {
    "two of four have spans that failed": (
        [OK, FAILED, OK, FAILED], {}, (2, 1, "messages")
    ),
    "one of three, without a span, comes again": (
        [0, 0, 0], {"again": (1,)}, (1, 1, "messages")
    ),
    "all come again: a batch that was delivered twice": (
        [0, 0], {"again": (0, 1)}, (0, 0, "messages")
    ),
    "one that had ended well comes again: a duplicate": (
        [OK, OK], {"again": (0,)}, (0, 0, "messages")
    ),
    "the invocation failed, and with it all": (
        [FAILED, OK], {"status_code": 2}, (0, 0, "messages")
    ),
    "nothing failed": ([OK, OK], {}, (0, 0, "messages")),
}  # fmt: skip


@pytest.mark.parametrize(("outcomes", "more", "expected"), RULES.values(), ids=RULES.keys())
def test_messages_tell_what_was_handed_back(
    store: DerivedStore, outcomes: list[int], more: dict[str, Any], expected: tuple[Any, ...]
) -> None:
    """By a span of the message that failed, or because it alone came again."""
    batch(store, outcomes, **more)

    assert told(store) == expected


def test_a_batch_whose_end_nothing_tells_hands_nothing_back(store: DerivedStore) -> None:
    """Its first span never came: it may have timed out, and then all of it failed."""
    store.take(span())
    fragment(store.database, BATCH, function="orders", part=2, phantom_count=1)
    for number, failed in enumerate((True, False)):
        fragment(store.database, 200 + number, function="orders", part=1, shared_id=BATCH,
                 event_trace_id=1, failed=failed)  # fmt: skip

    assert told(store) == (0, 0, "messages")


def test_where_no_batch_is_told_of_it_is_unknown(store: DerivedStore) -> None:
    """Null, not zero: the function may take batches that nobody traces."""
    store.take(span())

    assert told(store) == (None, None, None)


def test_logs_tell_where_messages_know_of_less(store: DerivedStore) -> None:
    """The response in a log line names three; of the spans one failed. They are not added up."""
    batch(store, [OK, FAILED, OK, OK])
    response = '{"batchItemFailures":[' + ",".join(
        f'{{"itemIdentifier":"m-{number}"}}' for number in (1, 2, 3)
    )
    store.take(line(response + "]}", 0.4, invocation_id=REQUEST))

    assert told(store) == (3, 1, "logs")


FAILED_EVENTS: Final = "FailedInvokeEventCount"
OF_SOURCE: Final = '{"EventSourceMappingUUID":"u-1","FunctionName":"orders"}'


def of_source(name: str, total: float, source: str = "u-1") -> Row:
    """A metric of one event source of the function."""
    return summary(name, 0, total, dimensions=OF_SOURCE.replace("u-1", source))


@pytest.mark.parametrize(
    ("more", "count"),
    [
        ([of_source(FAILED_EVENTS, 3), of_source(FAILED_EVENTS, 1, "u-2")], 4),
        ([of_source("InvokedEventCount", 9)], 0),
        ([of_source(FAILED_EVENTS, 3), summary("Errors", 0, 1)], None),
        ([summary(FAILED_EVENTS, 0, 3)], None),
    ],
    ids=["of two sources", "handed over and none failed", "an invocation failed", "of no source"],
)  # fmt: skip
def test_event_sources_tell_where_no_invocation_failed(
    store: DerivedStore, more: list[Row], count: int | None
) -> None:
    """Their count has whole batches that failed in it: then it says nothing of parts."""
    store.take(summary("Invocations", 0, 5), *more)

    assert told(store) == (count, None, None if count is None else "metrics")
