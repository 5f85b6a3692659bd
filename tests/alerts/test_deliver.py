"""Changes of alerts reach a real webhook: once each, together, again, later, or not at all."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.alerts.delivered import Delivered
from tests.alerts.hooks import SECRET, Answer, Hooks


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
    assert taken.json["status"] == "firing"
    assert taken.json["dedup_key"] == taken.key
    assert taken.json["rule"]["owner"] == "team-orders"
    assert [alert["summary"] for alert in taken.json["alerts"]] == ["orders-api is firing"]
    assert sent.states() == ["sent"]
