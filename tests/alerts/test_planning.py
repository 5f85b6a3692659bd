"""What is sent next, and when again: pure decisions."""

from dataclasses import replace

import pytest
from pydantic import SecretStr

from collector.alerts.backoff import MOST_REFUSALS, Patience
from collector.alerts.messages import message
from collector.alerts.planning import MOST_IN_MESSAGE, sort_due
from collector.model.delivery import Alert, Attempt, OpenDelivery
from collector.settings import TargetSettings

S = 10**9
NOW_NS = 1_700_000_000 * S
ALERT = Alert(
    "c1", "r1", "Errors", "orders", "firing", "critical", 0.3, 0.1, "ratio",
    NOW_NS, NOW_NS, None, None, "error_rate", "{}", "orders fails",
)  # fmt: skip
WAITING = OpenDelivery("d1", 1, "hook", "change", None, 0, NOW_NS, None, NOW_NS, False, ALERT)
TARGETS = {"hook": TargetSettings(name="hook", url=SecretStr("http://127.0.0.1/"))}


def waits(attempts: int, chance: float, attempt: Attempt | None = None) -> float:
    failed = attempt or Attempt(1.0, 500, "answered 500")
    ending = Patience(24 * 3600 * S).ending(failed, attempts, NOW_NS, NOW_NS, chance)
    assert ending.state == "failed"
    return (ending.next_ns - NOW_NS) / S


def test_the_wait_doubles_up_to_a_quarter_of_an_hour() -> None:
    """5 s, 10 s, 20 s ... 15 min."""
    found = [waits(attempts, 1.0) for attempts in (1, 2, 3, 4, 8, 9, 500)]

    assert found == [5, 10, 20, 40, 640, 900, 900]


def test_chance_spreads_the_next_attempts() -> None:
    """Between half of the wait and all of it."""
    assert [waits(2, chance) for chance in (0.0, 0.5, 1.0)] == [5, 7.5, 10]


@pytest.mark.parametrize(("asked_s", "wait_s"), [(1, 5), (120, 120), (1e9, 3600)])
def test_what_a_target_asks_for_is_honoured_within_reason(asked_s: float, wait_s: float) -> None:
    """Never less than the back-off, never more than an hour."""
    assert waits(1, 1.0, Attempt(1.0, 429, "answered 429", wait_s=asked_s)) == wait_s


def test_a_refusal_for_good_is_given_up_early() -> None:
    """It may be a deploy; ten minutes are enough to tell."""
    refused = Attempt(1.0, 404, "answered 404", final=True)
    states = [
        Patience(24 * 3600 * S).ending(refused, attempts, NOW_NS, NOW_NS, 0.0).state
        for attempts in (1, MOST_REFUSALS - 1, MOST_REFUSALS)
    ]

    assert states == ["failed", "failed", "given_up"]


def test_a_message_has_a_bounded_number_of_alerts() -> None:
    """The rest goes as the next one."""
    line = [replace(WAITING, delivery_id=f"d{n}", change_seq=n) for n in range(250)]
    (bundle,) = sort_due(line, TARGETS, [], {}, NOW_NS).bundles

    assert [each.change_seq for each in bundle.deliveries] == list(range(MOST_IN_MESSAGE))


def test_a_busy_target_gets_nothing_more() -> None:
    """Until it has answered."""
    assert sort_due([WAITING], TARGETS, [], {"hook": NOW_NS + 1}, NOW_NS).bundles == []


def test_a_clock_that_went_back_holds_nothing_up() -> None:
    """What seems due in many hours was written before."""
    later = replace(WAITING, next_ns=NOW_NS + 3 * 3600 * S)

    assert len(sort_due([later], TARGETS, [], {}, NOW_NS).bundles) == 1


def test_two_rules_take_turns_at_a_target() -> None:
    """One message at a time; who waits longest goes first."""
    other = replace(
        WAITING, delivery_id="d2", next_ns=NOW_NS - 5, alert=replace(ALERT, rule_id="r2")
    )
    (bundle,) = sort_due([WAITING, other], TARGETS, [], {}, NOW_NS).bundles

    assert bundle.deliveries == [other]


def test_names_from_telemetry_stay_on_their_line() -> None:
    """Line breaks and control characters would forge lines, or headers of mail."""
    forged = replace(ALERT, group="a\r\nBcc: x@example.com\x1b[31m", summary="")
    told = message("k", "hook", ["change"], [forged], None)

    assert told.title == "Firing (critical) Errors: a Bcc: x@example.com [31m"
    assert told.text.splitlines() == ["Firing: Errors for a Bcc: x@example.com [31m"]


def test_half_a_surrogate_is_no_reason_not_to_tell() -> None:
    """Telemetry may hold anything a string can."""
    odd = replace(ALERT, group="\ud800", summary="\ud800")

    assert b'"status":"firing"' in message("k", "hook", ["change"], [odd], None).body()


def test_a_message_fires_while_any_of_its_alerts_does() -> None:
    """One that fired and resolved within the wait is told as both."""
    over = replace(ALERT, state="resolved")
    both = message("k", "hook", ["change"], [ALERT, over], None)
    mixed = message("k", "hook", ["change"], [ALERT, over, replace(ALERT, group="b")], None)

    assert (both.status, mixed.status) == ("resolved", "firing")
    assert [line.split(":")[0] for line in both.text.splitlines()] == ["Firing", "Resolved"]
