"""Changes of alerts reach a real webhook: once each, together, again, later, or not at all."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from collector.alerts.backoff import MOST_REFUSALS
from collector.settings import TargetSettings
from tests.alerts.delivered import Delivered
from tests.alerts.hooks import SECRET, Answer, Hooks
from tests.store.build import until

HOUR_S = 3600


@pytest.fixture
def hooks() -> Iterator[Hooks]:
    with Hooks() as listening:
        yield listening


@pytest.fixture
def sent(tmp_path: Path, hooks: Hooks) -> Iterator[Delivered]:
    with Delivered(tmp_path, hooks.url, secret=SECRET) as delivered:
        yield delivered


def test_a_change_reaches_its_target_once(sent: Delivered, hooks: Hooks) -> None:
    """With what a person needs, signed, and never again."""
    sent.change("firing")
    sent.settle()
    sent.round(after_s=60)
    (taken,) = hooks.taken

    assert taken.signed_by(SECRET)
    assert not taken.signed_by("whsec_" + "bm90IHRoZSBrZXkgb2YgdGhpcyB0YXJnZXQh")
    assert (taken.json["status"], taken.json["reason"]) == ("firing", "change")
    assert taken.json["dedup_key"] == taken.key
    assert taken.json["rule"]["owner"] == "team-orders"
    assert taken.json["rule"]["scope"] == {"function": "orders-*"}
    assert [alert["summary"] for alert in taken.json["alerts"]] == ["orders-api is firing"]
    assert sent.states() == ["sent"]


def test_what_is_pending_is_told_nobody(sent: Delivered, hooks: Hooks) -> None:
    """A pending alert may be a spike."""
    sent.change("pending")
    sent.settle()

    assert (hooks.taken, sent.states()) == ([], [])


def test_changes_of_a_rule_within_the_wait_are_one_message(sent: Delivered, hooks: Hooks) -> None:
    """Another rule's is another message."""
    for group in ("orders-api", "orders-worker"):
        sent.change("firing", group)
        sent.round(after_s=1)
    sent.change("firing", "billing", rule="r2")
    sent.settle()
    told = [[alert["group"] for alert in taken.json["alerts"]] for taken in hooks.taken]

    assert sorted(told) == [["billing"], ["orders-api", "orders-worker"]]
    assert len({row.message_id for row in sent.rows()}) == 2


def test_a_failure_is_tried_again_with_the_same_key(sent: Delivered, hooks: Hooks) -> None:
    """500, then 200: not before its time, and byte for byte the same message."""
    hooks.answers = [Answer(500)]
    sent.change("firing")
    sent.settle()
    (row,) = sent.rows()
    assert (row.state, row.attempts, row.error) == (
        "failed",
        1,
        "answered 500 Internal Server Error",
    )
    sent.round(after_s=2)
    assert len(hooks.taken) == 1
    sent.round(after_s=1)
    first, second = hooks.taken

    assert (first.key, first.body) == (second.key, second.body)
    assert [(row.state, row.attempts) for row in sent.rows()] == [("sent", 2)]


def test_a_target_that_asks_to_wait_is_left_alone(sent: Delivered, hooks: Hooks) -> None:
    """429 with Retry-After holds every message to the target, and no longer than it says."""
    hooks.answers = [Answer(429, {"Retry-After": "120"})]
    sent.change("firing")
    sent.settle()
    sent.change("firing", rule="r2")
    sent.settle()
    sent.round(after_s=100)
    assert len(hooks.taken) == 1
    sent.round(after_s=30)

    assert len(hooks.taken) == 3
    assert sent.states() == ["sent", "sent"]


def test_a_redirect_is_not_followed(sent: Delivered, hooks: Hooks) -> None:
    """It is given up after some tries; the place it leads to hears nothing."""
    with Hooks() as other:
        hooks.answers = [Answer(302, {"Location": other.url})] * MOST_REFUSALS
        sent.change("firing")
        sent.settle()
        for _ in range(MOST_REFUSALS + 1):
            sent.round(after_s=HOUR_S / 10)
        (row,) = sent.rows()

        assert other.taken == []
        assert (row.state, row.attempts, row.http_status) == ("given_up", MOST_REFUSALS, 302)
        assert "redirects are not followed" in (row.error or "")


def test_a_firing_alert_is_told_again_after_the_interval(sent: Delivered, hooks: Hooks) -> None:
    """Once for each interval, until it is resolved."""
    sent.change("firing")
    sent.settle()
    sent.round(after_s=3 * HOUR_S)
    assert len(hooks.taken) == 1
    sent.round(after_s=HOUR_S)
    sent.round(after_s=5)
    assert [taken.json["reason"] for taken in hooks.taken] == ["change", "repeat"]
    sent.change("resolved")
    sent.settle()
    sent.round(after_s=20 * HOUR_S)
    sent.round(after_s=5)

    assert [taken.json["status"] for taken in hooks.taken] == ["firing", "firing", "resolved"]
    assert len({taken.key for taken in hooks.taken}) == 3


def test_resolved_never_overtakes_firing(sent: Delivered, hooks: Hooks) -> None:
    """While the first message of a rule is not taken, its next one waits."""
    hooks.answers = [Answer(503), Answer(503)]
    sent.change("firing")
    sent.settle()
    sent.change("resolved")
    sent.settle()
    for _ in range(4):
        sent.round(after_s=60)

    assert [taken.json["status"] for taken in hooks.taken] == ["firing"] * 3 + ["resolved"]
    assert sent.states() == ["sent", "sent"]


def test_a_slow_target_delays_no_other(tmp_path: Path, hooks: Hooks) -> None:
    """While one does not answer, another has its message and its end is written down."""
    with Hooks() as slow:
        released = threading.Event()
        slow.answers = [Answer(before=lambda: released.wait(20))]
        targets = (TargetSettings(name="slow", url=slow.url),)
        with Delivered(tmp_path, hooks.url, targets=targets) as sent:
            sent.change("firing", targets=("slow", "hook"))
            sent.deliverer.step()
            sent.clock.go(5)
            sent.deliverer.step()
            until(lambda: sent.deliverer.step() or "sent" in sent.states())
            during = sorted(sent.states())
            released.set()
            sent.round()

            assert during == ["sent", "waiting"]
            assert sent.states() == ["sent", "sent"]


def test_a_message_nobody_takes_is_given_up_in_the_end(tmp_path: Path) -> None:
    """After give_up_hours, with the last reason."""
    with Delivered(tmp_path, "http://127.0.0.1:1/", give_up_hours=1, repeat_hours=0) as sent:
        sent.change("firing")
        sent.settle()
        for _ in range(8):
            sent.round(after_s=900)
        (row,) = sent.rows()

        assert (row.state, row.error) == ("given_up", "no connection: Connection refused")
        assert row.attempts > 3


def test_a_target_that_is_not_there_is_said(sent: Delivered) -> None:
    """A rule may name what was removed."""
    sent.change("firing", targets=("gone",))
    sent.settle()
    (row,) = sent.rows()

    assert (row.state, row.target) == ("given_up", "gone")
    assert "there is no target 'gone': add it" in (row.error or "")


def test_a_target_may_not_want_what_is_resolved(tmp_path: Path, hooks: Hooks) -> None:
    """send_resolved = false."""
    quiet = TargetSettings(name="quiet", url=hooks.url, send_resolved=False)
    with Delivered(tmp_path, targets=(quiet,)) as sent:
        for state in ("firing", "resolved"):
            sent.change(state, targets=("quiet",))
            sent.settle()

        assert [taken.json["status"] for taken in hooks.taken] == ["firing"]
        assert sent.states() == ["sent", "dropped"]


def test_a_target_taken_out_of_a_rule_hears_the_end_and_no_more(
    tmp_path: Path, hooks: Hooks
) -> None:
    """It is not reminded, and is told when what it was told of is over; the new one was not."""
    new = TargetSettings(name="new", url=hooks.url)
    with Delivered(tmp_path, hooks.url, targets=(new,)) as sent:
        sent.rule_targets = {"r1": ("hook",)}
        sent.change("firing")
        sent.settle()
        sent.rule_targets = {"r1": ("new",)}
        sent.round(after_s=5 * HOUR_S)
        sent.round(after_s=5)
        sent.change("resolved", targets=("new",))
        sent.settle()

        assert [(taken.json["target"], taken.json["status"]) for taken in hooks.taken] == [
            ("hook", "firing"),
            ("hook", "resolved"),
        ]


def test_a_restart_sends_what_waits_and_nothing_else(tmp_path: Path, hooks: Hooks) -> None:
    """What was sent before is not sent again; what came while nobody delivered is."""
    with Delivered(tmp_path, hooks.url) as before:
        before.change("firing")
        before.settle()
        before.change("firing", "late", rule="r2")
    with Delivered(tmp_path, hooks.url, clock=before.clock) as after:
        after.settle()

        assert [taken.json["alerts"][0]["group"] for taken in hooks.taken] == ["orders-api", "late"]
        assert after.states() == ["sent", "sent"]


def test_the_thread_delivers_by_itself(tmp_path: Path, hooks: Hooks) -> None:
    """Without anybody calling it: the change is in the store, that is enough."""
    arrived = threading.Event()
    hooks.answers = [Answer(before=arrived.set)]
    with Delivered(tmp_path, hooks.url, group_wait_s=0) as sent:
        sent.change("firing")
        sent.delivery.start()

        assert arrived.wait(30)
        assert sent.deliverer.healthy


def test_what_became_of_deliveries_is_counted(sent: Delivered, hooks: Hooks) -> None:
    """Attempts by target and outcome, deliveries by target and end."""
    hooks.answers = [Answer(500)]
    sent.change("firing")
    sent.change("firing", "other")
    sent.settle()
    sent.round(after_s=60)
    attempts, ended = sent.deliverer.counts.read()

    assert attempts == {("hook", "failed"): 1, ("hook", "sent"): 1}
    assert ended == {("hook", "sent"): 2}
