"""Messages behind their lengths, whole and damaged."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.decode.aws.delimited import read_delimited
from collector.errors import Malformed
from tests.decode.aws.vectors import TWO_METRICS

MESSAGES = st.lists(st.binary(max_size=400), max_size=8)


def length(size: int) -> bytes:
    """A varint."""
    return bytes([size]) if size < 128 else bytes([size & 0x7F | 0x80]) + length(size >> 7)


def framed(messages: list[bytes]) -> bytes:
    return b"".join(length(len(each)) + each for each in messages)


def test_a_record_holds_messages_of_different_lengths() -> None:
    """The vector holds two of them; what is read again is all there is."""
    record = base64.b64decode(TWO_METRICS)
    messages = list(read_delimited(record))

    assert [len(each) for each in messages] == [401, 432]
    assert framed(messages) == record


@given(MESSAGES)
def test_whatever_is_framed_is_read_back(messages: list[bytes]) -> None:
    """Of any length, empty ones too."""
    assert list(read_delimited(framed(messages))) == messages


@given(MESSAGES, st.integers(min_value=1))
def test_a_record_cut_short_gives_what_is_whole(messages: list[bytes], cut: int) -> None:
    """All messages before the cut are given, then it is said that one is cut."""
    record = framed(messages)
    kept = record[: -(cut % (len(record) + 1)) or None]
    whole: list[bytes] = []
    try:
        for message in read_delimited(kept):
            whole.append(message)  # noqa: PERF402 - it may raise on the way
    except Malformed:
        assert framed(whole) != kept
    else:
        assert framed(whole) == kept

    assert messages[: len(whole)] == whole


@given(st.binary(max_size=300))
def test_any_bytes_end_in_messages_or_in_one_error(record: bytes) -> None:
    """Nothing is read twice and nothing beyond the end."""
    read = 0
    try:
        for message in read_delimited(record):
            read += len(message) + 1
    except Malformed:
        pass

    assert read <= len(record)


@pytest.mark.parametrize("record", [b"\xff" * 6, b"\xff\xff\xff\xff\xff\x01", b"\x80", b"\x05abc"])
def test_a_length_that_cannot_be_is_refused(record: bytes) -> None:
    """Longer than 32 bits, unfinished, or more than there is."""
    with pytest.raises(Malformed):
        list(read_delimited(record))
