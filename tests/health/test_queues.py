"""Queues and dead-letter queues: whose, how full, how old, and how their messages are put back."""

import json
from typing import Any

import pytest

from collector.model.redrive import Place, plan, source_of
from collector.model.window import Window
from collector.settings import QueueSettings
from collector.store.queries.queues import (
    list_queues,
    queue_health,
    queue_message_health,
    read_queue,
)
from tests.health.derived import MINUTE, SECOND, T0_NS, DerivedStore, Row, line, span
from tests.health.test_metrics import attributes
from tests.store.event_rows import key

WINDOW = Window(T0_NS, T0_NS + 10 * MINUTE)


def sqs(name: str, queue: str, minute: int, most: float, total: float | None = None) -> Row:
    """A point of a metric of SQS."""
    row = {
        "name": f"amazonaws.com/AWS/SQS/{name}", "type": "summary",
        "start_ns": T0_NS + minute * MINUTE, "time_ns": T0_NS + (minute + 1) * MINUTE, "count": 1,
        "sum": most if total is None else total, "quantiles": [0.0, 1.0],
        "quantile_values": [0.0, most],
        "attributes": attributes(Dimensions=f'{{"QueueName":"{queue}"}}'),
    }  # fmt: skip
    return ("metric_points", row)


def gauge(name: str, minute: float, value: float, **said: str) -> Row:
    """A point of a gauge."""
    row = {
        "name": name, "type": "gauge", "time_ns": T0_NS + round(minute * MINUTE),
        "value_double": value, "attributes": attributes(**said),
    }  # fmt: skip
    return ("metric_points", row)


def queues(store: DerivedStore, *rules: Any) -> dict[str, Any]:
    """The queues of the first ten minutes by name."""
    found = store.database.read(lambda cursor: list_queues(cursor, WINDOW, rules=rules))
    return {each.name: each for each in found}


def test_depth_and_age_are_those_last_told(store: DerivedStore) -> None:
    """Rates are of the window; a gap after the last report changes nothing."""
    store.commit(
        sqs("ApproximateNumberOfMessagesVisible", "orders", 0, 40),
        sqs("ApproximateNumberOfMessagesVisible", "orders", 3, 7),
        sqs("ApproximateAgeOfOldestMessage", "orders", 3, 12),
        sqs("NumberOfMessagesSent", "orders", 0, 1, 120),
        sqs("NumberOfMessagesDeleted", "orders", 0, 1, 60),
    )
    found = queues(store)["orders"]

    assert (found.depth, found.oldest_age_s, found.is_dlq) == (7, 12, False)
    assert (found.in_rate, found.out_rate) == (0.2, 0.1)
    assert found.observed_at_ns == T0_NS + 4 * MINUTE


def test_what_moves_into_a_dead_letter_queue_is_counted_nowhere(store: DerivedStore) -> None:
    """SQS counts no send for a redrive policy's move: the rate is unknown, not zero."""
    store.commit(
        sqs("ApproximateNumberOfMessagesVisible", "orders-dlq", 0, 3),
        sqs("NumberOfMessagesSent", "orders-dlq", 0, 0, 0),
    )
    found = queues(store)["orders-dlq"]

    assert (found.is_dlq, found.source_queue, found.source_evidence) == (True, "orders", "name")
    assert (found.depth, found.in_rate, found.oldest_age_s) == (3, None, None)


@pytest.mark.parametrize(
    ("queue", "source"),
    [
        ("orders-dlq", "orders"),
        ("orders_DLQ", "orders"),
        ("orders-dlq.fifo", "orders.fifo"),
        ("orders-dead-letter", "orders"),
        ("orders-poison", "orders"),
        ("orders/$deadletterqueue", "orders"),
        ("topic/Subscriptions/sub/$deadletterqueue", "topic/Subscriptions/sub"),
        ("dlq", ""),
        ("orders", None),
        ("poisonous-plants", None),
    ],
)
def test_a_dead_letter_queue_is_known_by_its_name(
    store: DerivedStore, queue: str, source: str | None
) -> None:
    """The usual endings; a name that says no more than that has no source."""
    [(found,)] = store.rows(f"select dead_letter_source('{queue}')")

    assert found == source


def test_the_settings_name_a_dead_letter_queue(store: DerivedStore) -> None:
    """``dlq_of`` of the first entry that matches, before any name."""
    store.commit(sqs("ApproximateNumberOfMessagesVisible", "graveyard", 0, 1))
    found = queues(store, QueueSettings(match="grave*", dlq_of="orders"))["graveyard"]

    assert (found.is_dlq, found.source_queue, found.source_evidence) == (True, "orders", "settings")
    assert source_of("other", [QueueSettings(match="grave*", dlq_of="orders")]) is None


def test_service_bus_tells_no_age_so_it_is_since_it_was_empty(store: DerivedStore) -> None:
    """Two minutes ago it held nothing, now one: the oldest is no older than that."""
    name = "azure_deadletteredmessages_maximum"
    store.commit(
        *(gauge(name, minute, value, metadata_entityname="orders")
          for minute, value in ((6, 0.0), (8, 0.0), (9, 1.0)))
    )  # fmt: skip
    found = queues(store)["orders/$deadletterqueue"]

    assert (found.provider, found.depth, found.oldest_age_s) == ("azure", 1, 120)


def test_a_subscription_tells_both(store: DerivedStore) -> None:
    """Pub/Sub: undelivered messages and the age of the oldest, by the resource's subscription."""
    said = attributes(subscription_id="orders-dlq")
    subscription = ("resources", {"resource_id": 9, "provider": "gcp", "attributes": said})
    base = "pubsub.googleapis.com/subscription/"
    points = [
        (table, row | {"resource_id": 9})
        for table, row in (
            gauge(base + "num_undelivered_messages", 1, 4),
            gauge(base + "oldest_unacked_message_age", 1, 90),
        )
    ]
    store.commit(subscription, *points)
    found = queues(store)["orders-dlq"]

    assert (found.provider, found.depth, found.oldest_age_s) == ("gcp", 4, 90)


def messages(store: DerivedStore, *told: tuple[int, int, float]) -> None:
    """Keys of messages of the queue orders: (message, 1 sent or 2 taken, at s)."""
    rows = [
        (message, role, T0_NS + round(at_s * SECOND), "orders" if role == 1 else None)
        for message, role, at_s in told
    ]
    store.database.write(
        lambda cursor: cursor.executemany(
            'insert into fragment_keys ("key", fragment_id, kind, role, time_ns, place, run)'
            " values ($1, 1, 3, $2, $3, $4, 1)",
            rows,
        )
    )


def test_without_metrics_messages_tell(store: DerivedStore) -> None:
    """Three sent, one taken: two wait, the older for 590 s; one untaken before it went unseen."""
    messages(store, (1, 1, 1), (2, 1, 5), (2, 2, 6), (3, 1, 10), (4, 1, 20))
    found = queues(store)["orders"]

    assert (found.evidence, found.depth, found.oldest_age_s) == ("messages", 2, 590)
    assert (found.in_rate, found.out_rate) == (4 / 600, 1 / 600)


def test_where_nothing_is_seen_to_be_taken_nothing_is_known_to_wait(store: DerivedStore) -> None:
    """The consumer may not be instrumented: unknown is not "all of them"."""
    messages(store, (1, 1, 1), (2, 1, 5))

    assert queues(store)["orders"].depth is None


def dead_letter(store: DerivedStore) -> None:
    """An event trace dead-lettered after orders, and one that passed after it."""
    store.database.write(
        lambda cursor: cursor.execute(
            "insert into event_traces (event_trace_id, start_ns, end_ns, status, path, functions,"
            f" run) values (7, {T0_NS}, {T0_NS + 60 * SECOND}, 'dead_lettered',"
            " ['api', '[orders]', 'worker'], ['api', 'worker'], 1),"
            f" (8, {T0_NS + 90 * SECOND}, {T0_NS + 95 * SECOND}, 'ok',"
            " ['api', '[orders]', 'worker'], ['api', 'worker'], 1)"
        )
    )
    store.database.write(
        lambda cursor: cursor.execute(
            "insert into fragments (fragment_id, event_trace_id, start_ns, function, destinations,"
            f" failed, run) values (1, 7, {T0_NS + 50 * SECOND}, 'worker', ['orders'], true, 1)"
        )
    )


def test_dead_letters_are_grouped_and_it_is_said_whether_they_would_pass(
    store: DerivedStore,
) -> None:
    """One ended there; the same has passed since: it would pass now. Both ages are told."""
    dead_letter(store)
    store.commit(
        sqs("ApproximateNumberOfMessagesVisible", "orders-dlq", 2, 1),
        sqs("ApproximateAgeOfOldestMessage", "orders-dlq", 2, 30),
    )
    found = store.database.read(lambda cursor: read_queue(cursor, "orders-dlq", WINDOW))
    assert found is not None
    [group] = found.dead_letters

    assert (group.function, group.event_count, group.would_pass) == ("worker", 1, True)
    assert group.example_event_trace_ids == ("0000000000000007",)
    assert (found.health.oldest_age_s, found.health.oldest_age_since_first_sent_s) == (30, 600)
    assert [point.depth for point in found.series if point.depth is not None] == [1]


MOVE = (
    'aws sqs start-message-move-task --source-arn "arn:aws:sqs:eu-west-1:123456789012:orders-dlq"'
    ' --destination-arn "arn:aws:sqs:eu-west-1:123456789012:orders"'
    " --max-number-of-messages-per-second 10"
)
PULL = "gcloud pubsub subscriptions pull dead-sub --limit=10 --format=json"


@pytest.mark.parametrize(
    ("place", "queue", "expected"),
    [
        (Place("aws", "eu-west-1", "123456789012"), "orders-dlq", MOVE),
        (Place("gcp", None, None), "dead-sub", PULL),
        (Place("cloudflare", None, None), "orders-dlq", "npx wrangler queues info orders-dlq"),
    ],
)
def test_a_redrive_plan_is_commands_of_the_provider(
    place: Place, queue: str, expected: str
) -> None:
    """What a person runs with their own credentials; unknown places are left as variables."""
    assert expected in plan(queue, "orders", place).commands


def test_a_name_cannot_become_a_command() -> None:
    """Names come from telemetry: in a shell they stay names."""
    for provider in ("aws", "azure", "gcp", "cloudflare"):
        made = plan("x; rm -rf $(y) `z`-dlq", "a b", Place(provider, None, None))
        for command in made.commands:
            assert "x; rm -rf $(y) `z`-dlq" not in command.replace("'x; rm -rf $(y) `z`-dlq'", "")


def test_queues_of_messages_alone_are_what_the_macro_says(store: DerivedStore) -> None:
    """Where no metric tells of a queue, messages are asked alone: the same columns."""
    place = {"since_ns": WINDOW.since_ns, "until_ns": WINDOW.until_ns}
    store.database.write(
        lambda cursor: cursor.execute(
            "insert into fragment_keys by name select 3 as kind, i % 7 as key, 1 + i % 2 as role,"
            " if(i % 3 = 0, 'orders-dlq', 'orders') as place,"
            " $since_ns + (i * 7919) % ($until_ns - $since_ns) as time_ns from range(12) as t(i)",
            place,
        )
    )
    told = store.database.read(lambda cursor: queue_message_health(cursor, **place, limit=9))

    assert {row["queue"] for row in told} == {"orders", "orders-dlq"}
    assert told == store.database.read(lambda cursor: queue_health(cursor, **place, limit=9))


SQS_ARN = "arn:aws:sqs:eu-west-1:123456789012"
CLOUDTRAIL = {
    "eventName": "SetQueueAttributes",
    "requestParameters": {
        "queueUrl": "https://sqs.eu-west-1.amazonaws.com/123456789012/orders",
        "attributes": {
            "RedrivePolicy": json.dumps(
                {"deadLetterTargetArn": f"{SQS_ARN}:graveyard", "maxReceiveCount": 3}
            )
        },
    },
}
ANSWER = {
    "QueueArn": "arn:aws:sqs:eu-west-1:123456789012:orders.fifo",
    "RedrivePolicy": '{"deadLetterTargetArn":"arn:aws:sqs:eu-west-1:123456789012:graveyard.fifo"}',
}
AUDIT = {
    "protoPayload": {
        "request": {
            "name": "projects/acme/subscriptions/orders-sub",
            "deadLetterPolicy": {"deadLetterTopic": "projects/acme/topics/graveyard"},
        }
    }
}


@pytest.mark.parametrize(
    ("body", "queue", "source"),
    [
        (json.dumps(CLOUDTRAIL), "graveyard", "orders"),
        ("attributes: " + json.dumps(ANSWER), "graveyard.fifo", "orders.fifo"),
        (json.dumps(AUDIT), "graveyard", "orders-sub"),
    ],
    ids=["CloudTrail", "what GetQueueAttributes answered", "Pub/Sub's audit log"],
)
def test_a_redrive_policy_in_a_log_line_tells_what_feeds_a_dead_letter_queue(
    store: DerivedStore, body: str, queue: str, source: str
) -> None:
    """However it is called; the settings know better."""
    store.take(line(body), sqs("ApproximateNumberOfMessagesVisible", queue, 0, 2))
    found = queues(store)[queue]
    told = queues(store, QueueSettings(match=queue, dlq_of="bills"))[queue]

    assert (found.is_dlq, found.source_queue, found.source_evidence) == (
        True, source, "redrive policy"
    )  # fmt: skip
    assert (told.source_queue, told.source_evidence) == ("bills", "settings")
    assert (found.depth, found.depth_evidence) == (2, "metrics")


def test_dead_letters_that_name_their_source_tell_what_feeds_their_queue(
    store: DerivedStore,
) -> None:
    """SQS says it of each message; where they name several, which is meant is unknown."""
    taken = {"kind": 5, "destination": "graveyard", "invocation_id": None}
    store.take(
        sqs("ApproximateNumberOfMessagesVisible", "graveyard", 0, 2),
        span(0, **taken, keys=["r4", "dorders"]), span(1, span_id=2, **taken, keys=["d"]),
    )  # fmt: skip
    assert queues(store)["graveyard"].source_queue == "orders"
    assert queues(store)["graveyard"].source_evidence == "dead letters"
    store.take(span(2, span_id=3, **taken, keys=["dbills"]))
    found = queues(store)["graveyard"]

    assert (found.is_dlq, found.source_queue) == (True, None)


@pytest.mark.parametrize("fetched", [False, True])
def test_of_what_no_metric_tells_the_event_traces_that_ended_there_do(
    store: DerivedStore, fetched: bool
) -> None:
    """One failed at 50 s for good and lies there, unless it was seen to be taken."""
    dead_letter(store)
    store.take(line(json.dumps(CLOUDTRAIL)))
    if fetched:
        key(store.database, "m", 1, 3, role=2, dead_letter=True, place="graveyard")
    found = queues(store)["graveyard"]

    assert (found.is_dlq, found.source_queue, found.evidence) == (True, "orders", "messages")
    assert (found.depth, found.depth_evidence) == ((None, None) if fetched else (1, "event traces"))
    assert found.oldest_age_s == (None if fetched else 550)
    assert found.oldest_age_since_first_sent_s == 600


def test_settings_name_a_dead_letter_queue_of_which_nothing_else_tells(store: DerivedStore) -> None:
    """By its own name; a pattern names none."""
    dead_letter(store)
    exact = QueueSettings(match="crypt", dlq_of="orders")

    assert queues(store, exact)["crypt"].depth == 1
    assert queues(store, QueueSettings(match="crypt-*", dlq_of="orders")) == {}
