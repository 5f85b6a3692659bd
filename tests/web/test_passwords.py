"""Checking the web password: how often, how long it is remembered, and odd JSON."""

import asyncio
import json

import pytest

from web.api.parameters import answer
from web.api.problems import Problem
from web.passwords import FORGET_S, MAX_FAILURES, MAX_FAILURES_IN_ALL, Passwords


class Door:
    """A password check that counts, with a clock of its own."""

    def __init__(self) -> None:
        self.now, self.asked, self.right = 1000.0, 0, "right"
        self.passwords = Passwords(self.check, lambda: self.right.encode(), lambda: self.now)

    def check(self, password: str) -> bool:
        self.asked += 1
        return password == self.right

    def tries(self, password: str, address: str = "a") -> bool:
        return asyncio.run(self.passwords.verify(address, password))


def test_guessing_is_stopped_and_forgiven() -> None:
    """After five wrong ones an address waits a minute; another address does not."""
    door = Door()
    assert not any(door.tries("wrong") for _ in range(MAX_FAILURES))
    with pytest.raises(Problem, match="wait a minute"):
        door.tries("right")

    assert door.tries("right", "b")
    door.now += FORGET_S
    assert not door.tries("wrong")


def test_many_addresses_are_no_faster_than_one() -> None:
    """Fifty wrong ones in a minute, from anywhere, close the door for everyone new."""
    door = Door()
    for number in range(MAX_FAILURES_IN_ALL):
        door.tries("wrong", f"address {number}")

    with pytest.raises(Problem, match="wait a minute"):
        door.tries("right", "new")


def test_a_right_password_is_remembered_for_a_while() -> None:
    """Scripts that send it with each request pay for argon2 once in five minutes."""
    door = Door()
    assert all(door.tries("right") for _ in range(5))
    assert door.asked == 1

    door.now += 301
    assert door.tries("right")
    assert door.asked == 2


def test_a_changed_password_is_asked_at_once() -> None:
    """What was remembered of the old one is worth nothing."""
    door = Door()
    door.tries("right")
    door.right = "other"

    assert not door.tries("right")


def test_json_that_is_not_plain_is_still_answered() -> None:
    """Half a surrogate pair or a huge number inside an attribute breaks no answer."""
    value = {"half": "\ud800", "huge": 2**80}

    assert json.loads(answer(value).body) == value
