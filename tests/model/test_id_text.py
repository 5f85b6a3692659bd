"""Ids as written by people and programs, in one form."""

import pytest

from collector.model.id_text import tidy_id, trace_id_of

PLAIN = "6b006070c0ffee00112233445566778f"
XRAY = "1-6b006070-c0ffee00112233445566778f"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ORD-1001", "ORD-1001"),
        (" 'ORD-1001'\n", "ORD-1001"),
        ("F81D4FAE-7DEC-11D0-A765-00A0C91E6BF6", "f81d4fae-7dec-11d0-a765-00a0c91e6bf6"),
        (PLAIN.upper(), PLAIN),
        ("ABCDEF", "ABCDEF"),
        ("ORDER-ABCDEF0123456789", "ORDER-ABCDEF0123456789"),
        (XRAY, PLAIN),
        (XRAY.upper(), PLAIN),
        (f"Self=1-1-2;Root={XRAY};Sampled=1", PLAIN),
        ('""', ""),
    ],
)
def test_an_id_has_one_form(text: str, expected: str) -> None:
    """Quotes, spaces, the case of long hex and X-Ray's dashes are not part of an id."""
    assert tidy_id(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        PLAIN,
        PLAIN.upper(),
        XRAY,
        f"Root={XRAY};Parent=53995c3f42cd8ad8;Sampled=1",
        f"00-{PLAIN}-53995c3f42cd8ad8-01",
        f"{PLAIN}-53995c3f42cd8ad8-1",
        f"{PLAIN}/789;o=1",
        f"{PLAIN}/;o=1",
        f"{PLAIN};o=1",
        f"projects/p/traces/{PLAIN}",
    ],
)
def test_a_trace_id_is_found_in_every_propagation_form(text: str) -> None:
    """Plain, X-Ray, W3C, B3, and Google's two."""
    assert trace_id_of(text) == PLAIN


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0" * 32,
        PLAIN[:-1],
        PLAIN + "0",
        "f81d4fae-7dec-11d0-a765-00a0c91e6bf6",
        f"order {PLAIN}",
        f"{PLAIN}/" + "x" * 1000,
    ],
)
def test_other_texts_are_no_trace_ids(text: str) -> None:
    """Neither zeros nor ids of another length, nor a trace id within a sentence."""
    assert trace_id_of(text) is None
