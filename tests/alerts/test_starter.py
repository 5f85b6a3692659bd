"""The starter set: silent where all is well, switched on once, and loud where something is not."""

from pathlib import Path

from collector.alerts.reading import read_rule
from collector.alerts.starter import starter_set
from tests.alerts.watched import WatchedStore, numbered
from tests.health.derived import Row, line, span
from tests.health.test_metrics import summary
from tests.health.test_queues import sqs
from tests.store import event_rows

MINUTES = 30


def report(at_s: int, ms: int) -> Row:
    return line(
        f"REPORT RequestId: 8f5e2c1a-0b6d-4d57-9a37-{at_s:012d}\tDuration: {ms}.00 ms\t"
        f"Billed Duration: {ms} ms\tMemory Size: 512 MB\tMax Memory Used: 148 MB\t",
        at_s, function="orders",
    )  # fmt: skip


def healthy() -> list[Row]:
    """Half an hour of a shop where all is well: a failure in a hundred, one cold start, no more."""
    mails = [
        span(at, function="mail", duration_s=0.2, cold_start=at == 0,
             status_code=2 if at == 900 else 0)
        for at in range(0, MINUTES * 60, 15)
    ]  # fmt: skip
    return [
        *numbered(mails),
        *(report(at, 120) for at in range(0, MINUTES * 60, 10)),
        *(summary("Throttles", minute, 0) for minute in range(MINUTES)),
        *(sqs("ApproximateNumberOfMessagesVisible", "orders-dlq", minute, 0)
          for minute in range(MINUTES)),
        *(sqs("ApproximateAgeOfOldestMessage", "orders-in", minute, 20)
          for minute in range(MINUTES)),
    ]  # fmt: skip


def test_the_starter_set_is_silent_where_all_is_well(tmp_path: Path) -> None:
    """Half an hour of healthy telemetry, looked at every five minutes."""
    store = WatchedStore(tmp_path)
    store.desk.add_all(starter_set("team"), skip_known=True)
    store.take(*healthy())
    for number in range(MINUTES * 2):
        event_rows.event(store.database, number + 1, at_s=number * 30)
    changes = [each for minute in range(1, MINUTES + 3, 5) for each in store.tick(minute)]

    assert (changes, store.engine.rule_errors) == ([], {})
    store.close()


def test_the_starter_set_is_switched_on_once(tmp_path: Path) -> None:
    """A second call makes nothing, and changes nothing that was changed since."""
    store = WatchedStore(tmp_path)
    made = store.desk.add_all(starter_set("team"), skip_known=True)
    store.desk.replace(made[0].id, made[0].document() | {"threshold": 0.5})

    assert store.desk.add_all(starter_set("team"), skip_known=True) == []
    assert len(store.rules()) == len(starter_set()) == len(made)
    assert store.desk.rule(made[0].id).threshold == 0.5
    store.close()


def test_every_rule_of_the_starter_set_says_what_to_do() -> None:
    """And belongs to somebody."""
    for document in starter_set():
        rule = read_rule(document, "x")
        assert rule.note
        assert rule.owner
        assert rule.name.startswith("Starter: ")
