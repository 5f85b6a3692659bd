"""Stored attributes become the values that were sent."""

from typing import Any

import pytest

from collector.model.attributes import restore, restore_value


@pytest.mark.parametrize(
    ("text", "letter", "expected"),
    [
        ("x", "s", "x"),
        ("true", "b", True),
        ("false", "b", False),
        ("-9223372036854775808", "i", -(2**63)),
        ("0.1", "d", 0.1),
        ("1e+300", "d", 1e300),
        ("nan", "d", "NaN"),
        ("inf", "d", "Infinity"),
        ("-inf", "d", "-Infinity"),
        ('[1,"a",null]', "a", [1, "a", None]),
        ('{"a":{"b":[true]}}', "k", {"a": {"b": [True]}}),
        ("AAH/", "y", {"$bytes": "AAH/"}),
        ("", "e", None),
        ("not a number", "i", "not a number"),
        ("{", "k", "{"),
        ("x", "?", "x"),
        ("x", None, "x"),
        (None, "s", None),
    ],
)
def test_values(text: str | None, letter: str | None, expected: Any) -> None:
    """Each letter has its type; what does not fit its letter stays text."""
    assert restore_value(text, letter) == expected
    assert type(restore_value(text, letter)) is type(expected)


def test_the_letter_at_the_same_place_counts() -> None:
    """Keys and letters run side by side; a missing letter reads as a string."""
    stored = [{"key": "n", "value": "1"}, {"key": "s", "value": "1"}, {"key": "x", "value": "1"}]

    assert restore(stored, "is") == {"n": 1, "s": "1", "x": "1"}
    assert restore(None, None) == {}
