"""JSON objects in a row: every split, every damage, and texts made to take time or memory."""

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.decode.aws.json_objects import read_objects
from collector.errors import Malformed, TooLarge

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)
OBJECTS = st.lists(st.dictionaries(st.text(max_size=5), VALUES, max_size=4), max_size=6)
BETWEEN = st.sampled_from(["", "\n", " ", "\r\n", ",\n"])


def good(text: bytes) -> list[dict[str, Any]]:
    return [each for each in read_objects(text) if isinstance(each, dict)]


@given(OBJECTS, BETWEEN, st.booleans())
def test_objects_are_read_whatever_stands_between_them(
    objects: list[dict[str, Any]], between: str, spread: bool
) -> None:
    """Nothing, white space or commas; on one line or on many."""
    text = between.join(json.dumps(each, indent=2 if spread else None) for each in objects)
    found = list(read_objects(text.encode())) if text else []

    assert found == objects


@given(OBJECTS, st.data())
def test_a_damaged_line_costs_itself_only(
    objects: list[dict[str, Any]], data: st.DataObject
) -> None:
    """The lines before and after one that was cut short are read."""
    lines = [json.dumps(each).encode() for each in objects]
    at = data.draw(st.integers(0, len(lines)))
    cut = data.draw(
        st.sampled_from([b'{"a": "b', b"{", b"nonsense", b'{"a": 1', b"}", b'"', b"{\\"])
    )
    found = list(read_objects(b"\n".join([*lines[:at], cut, *lines[at:]])))

    assert [each for each in found if isinstance(each, dict)] == objects
    assert any(isinstance(each, Malformed) for each in found)


@given(st.binary(max_size=200))
def test_any_bytes_give_objects_or_errors(text: bytes) -> None:
    """Nothing raises."""
    assert all(isinstance(each, dict | Malformed) for each in read_objects(text))


@pytest.mark.parametrize(
    "text",
    [
        b'{"a"' * 400_000,
        b'{"' + b'\\"' * 4_000_000,
        b'"' * 8_000_001,
        b"{\n" * 500_000,
        b'{"a":1}' * 200_000 + b"{",
        b"{" + b'"x",' * 1_000_000,
    ],
)
def test_no_text_takes_more_time_than_its_length_warrants(text: bytes) -> None:
    """Up to 8 MB of what makes careless readers look back for ever."""
    before_s = time.process_time()
    for _ in read_objects(text):
        pass

    assert time.process_time() - before_s < 60  # by looking back, hours


def test_deep_nesting_is_an_error() -> None:
    """A hundred thousand objects within each other are refused, not followed."""
    [found] = read_objects(b'{"a":' * 100_000 + b"1" + b"}" * 100_000)

    assert isinstance(found, Malformed)


def test_a_text_of_nothing_but_objects_is_too_large() -> None:
    """Two million empty objects would take 128 MiB and more."""
    with pytest.raises(TooLarge, match="2,000,000"):
        list(read_objects(b"{}" * 2_000_001))


def test_text_that_is_json_but_no_object_is_an_error() -> None:
    """An array of numbers holds no record."""
    assert good(b"[1, 2]") == []


def test_half_a_character_costs_itself_only() -> None:
    """A line cut within an emoji: U+FFFD stands for the half, whole ones and backslashes stay."""
    text = rb'{"a":"\ud83d\ude00 \ud83d","b":"\\ud83d","c":"\ude00"}'

    for each in (text, text + text):
        assert {tuple(found.values()) for found in good(each)} == {("😀 �", r"\ud83d", "�")}
