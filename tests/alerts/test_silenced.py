"""Silenced alerts are kept quiet, that is written down, and people hear of what outlives it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from collector.alerts.silences import parsed
from collector.errors import BadTarget
from collector.model.delivery import Silence
from tests.alerts.delivered import T0_NS, Delivered
from tests.alerts.hooks import Hooks

WHY = {"reason": "deploy", "author": "ada"}


@pytest.fixture
def hooks() -> Iterator[Hooks]:
    with Hooks() as listening:
        yield listening


@pytest.fixture
def sent(tmp_path: Path, hooks: Hooks) -> Iterator[Delivered]:
    with Delivered(tmp_path, hooks.url) as delivered:
        yield delivered


def test_a_silenced_alert_is_logged_and_not_sent(sent: Delivered, hooks: Hooks) -> None:
    """With the silence that did it; nor is its end told, as nobody heard of its beginning."""
    silence = sent.delivery.silences.add({"group": "orders-*", "for": "1h", **WHY})
    sent.change("firing")
    sent.settle()
    sent.change("resolved")
    sent.settle()
    firing, resolved = sent.rows()

    assert hooks.taken == []
    assert (firing.state, firing.silence_id) == ("silenced", silence.silence_id)
    assert (resolved.state, resolved.error) == (
        "dropped",
        "the target was never told that it fires",
    )


def test_an_alert_that_outlives_its_silence_is_told(sent: Delivered, hooks: Hooks) -> None:
    """Once, when the silence ends, and its end afterwards."""
    sent.delivery.silences.add({"rule": "r1", "for": "1h", **WHY})
    sent.change("firing")
    sent.settle()
    sent.round(after_s=3500)
    assert hooks.taken == []
    sent.round(after_s=200)
    sent.round(after_s=60)
    assert [taken.json["reason"] for taken in hooks.taken] == ["silence_ended"]
    sent.change("resolved")
    sent.settle()

    assert [taken.json["status"] for taken in hooks.taken] == ["firing", "resolved"]


def test_a_silence_may_be_ended_early(sent: Delivered, hooks: Hooks) -> None:
    """It is kept to be read, and what still fires is told."""
    silence = sent.delivery.silences.add({"severity": "critical", "for": "1h", **WHY})
    sent.change("firing")
    sent.settle()
    assert sent.delivery.silences.end(silence.silence_id)
    sent.round()

    assert len(hooks.taken) == 1
    assert sent.delivery.silences.all(ended=False) == []
    assert [each.reason for each in sent.delivery.silences.all(ended=True)] == ["deploy"]
    assert not sent.delivery.silences.end(silence.silence_id)
    assert not sent.delivery.silences.end("no id at all")


def test_a_silence_does_not_hide_that_it_is_over(sent: Delivered, hooks: Hooks) -> None:
    """Who was told that it fires is told that it does not, silence or no."""
    sent.change("firing")
    sent.settle()
    sent.delivery.silences.add({"rule": "rule r1", "for": "1d", **WHY})
    sent.round(after_s=5 * 3600)
    sent.round(after_s=5)
    sent.change("resolved")
    sent.settle()

    assert [taken.json["status"] for taken in hooks.taken] == ["firing", "resolved"]
    assert sent.states() == ["sent", "silenced", "sent"]


def test_other_alerts_are_not_silenced(sent: Delivered, hooks: Hooks) -> None:
    """Each thing a silence names must match."""
    sent.delivery.silences.add(
        {"rule": "r1", "group": "orders-*", "severity": "warning", "for": "1h", **WHY}
    )
    sent.change("firing", severity="critical")
    sent.change("firing", "billing", severity="warning")
    sent.change("firing", rule="r2", severity="warning")
    sent.change("firing", "orders-quiet", severity="warning")
    sent.settle()

    assert sorted(sent.states()) == ["sent", "sent", "sent", "silenced"]


def test_a_silence_that_is_to_come_is_none_yet(sent: Delivered, hooks: Hooks) -> None:
    """It begins at starts_at."""
    sent.delivery.silences.add(
        {"rule": "r1", "starts_at": "2023-11-15T00:00:00Z", "for": "1h", **WHY}
    )
    sent.change("firing")
    sent.settle()

    assert sent.states() == ["sent"]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"for": "1h", **WHY}, "needs a rule, a group or a severity"),
        ({"rule": "r", "for": "1h", "author": "ada"}, "reason: say why"),
        ({"rule": "r", "for": "1h", "reason": "deploy", "author": " "}, "author: say who you are"),
        ({"rule": "r", **WHY}, "needs an end: give ends_at, or for"),
        ({"rule": "r", "for": "1h", "ends_at": "2030-01-01T00:00:00Z", **WHY}, "and not both"),
        ({"rule": "r", "for": "an hour", **WHY}, "for: give a whole number with s, m, h"),
        ({"rule": "r", "ends_at": "tomorrow", **WHY}, "ends_at 'tomorrow' is not a time"),
        ({"rule": "r", "ends_at": "-1h", **WHY}, "over before it begins"),
        ({"rule": "r", "for": "52w", **WHY}, "not after 2024-02-12T22:13:20Z"),
        ({"severity": "loud", "for": "1h", **WHY}, "one of info, warning, critical"),
        ({"rule": "r" * 501, "for": "1h", **WHY}, "rule: at most 500 characters"),
    ],
)
def test_a_silence_that_cannot_be_kept_says_what_to_change(
    fields: dict[str, Any], said: str
) -> None:
    """A sentence about the field."""
    with pytest.raises(BadTarget, match=said):
        parsed(fields, T0_NS)


def test_the_end_counts_from_the_beginning() -> None:
    """``for`` begins with starts_at."""
    hour_ns = 3600 * 10**9
    silence = parsed({"rule": "r", "starts_at": "2023-11-15T00:00:00Z", "for": "1h", **WHY}, T0_NS)

    assert isinstance(silence, Silence)
    assert silence.ends_ns - silence.starts_ns == hour_ns
    assert silence.starts_ns > T0_NS
