"""What the search box understands."""

import uuid

import pytest

from collector.errors import BadQuestion
from collector.model.search import Search, span_number, trace_uuid

HEX = "6b006070c0ffee00112233445566778f"


@pytest.mark.parametrize(
    ("query", "terms", "text"),
    [
        (None, (), None),
        ("  ", (), None),
        ("checkout", (), "checkout"),
        ("GET /orders", (), "GET /orders"),
        ("order.id=42", (("order.id", "42"),), None),
        ("a=1 b=2 slow", (("a", "1"), ("b", "2")), "slow"),
        ('note="two words"', (("note", "two words"),), None),
        ("url=http://x/?a=b", (("url", "http://x/?a=b"),), None),
        ("empty=", (("empty", ""),), None),
        ("=x", (), "=x"),
        ('say "hi', (), 'say "hi'),
        ("it's", (), "it's"),
        ("a\\b=c\\d", (("a\\b", "c\\d"),), None),
        ("x=#1 #2", (("x", "#1"),), "#2"),
        (f"Root=1-{HEX[:8]}-{HEX[8:]}", (), f"Root=1-{HEX[:8]}-{HEX[8:]}"),
    ],
)
def test_queries(query: str | None, terms: tuple[tuple[str, str], ...], text: str | None) -> None:
    """Terms are key=value, quotes keep a value whole, the rest is text."""
    assert Search.parse(query) == Search(terms, text)


def test_too_many_terms_are_refused() -> None:
    """Silently dropping one would show what was not asked for."""
    with pytest.raises(BadQuestion, match="5 key=value terms: at most 4"):
        Search.parse("a=1 b=2 c=3 d=4 e=5")


def test_trace_ids_come_plain_or_as_xray_writes_them() -> None:
    """Both forms are the same sixteen bytes."""
    expected = uuid.UUID(hex=HEX)

    assert trace_uuid(HEX) == expected
    assert trace_uuid(HEX.upper()) == expected
    assert trace_uuid(f"1-{HEX[:8]}-{HEX[8:]}") == expected
    assert trace_uuid(f"Root=1-{HEX[:8]}-{HEX[8:]}") == expected
    assert trace_uuid(HEX[:-1]) is None
    assert trace_uuid("g" * 32) is None


def test_span_ids_are_sixteen_hex_digits() -> None:
    """A span id is the number its digits write."""
    assert span_number("00000000000000ff") == 255
    assert span_number("ff") is None
