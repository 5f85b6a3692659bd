"""Values of every type as text and letter, in attributes and bodies alike."""

import math
from typing import Any

import pytest

from collector.batch import Export, Signal
from collector.decode.group import decode_group
from collector.decode.limits import Limits
from tests.build import NOW_NS, export_request, log, span

VALUES = [
    ("text", "text", "s"),
    ("", "", "s"),
    (True, "true", "b"),
    (False, "false", "b"),
    (0, "0", "i"),
    (-(2**63), "-9223372036854775808", "i"),
    (1.5, "1.5", "d"),
    (7.0, "7.0", "d"),
    (0.1, "0.1", "d"),
    (1e300, "1e+300", "d"),
    (-0.0, "-0.0", "d"),
    (math.nan, "NaN", "d"),
    (math.inf, "Infinity", "d"),
    (-math.inf, "-Infinity", "d"),
    (b"\x00\x01", "AAE=", "y"),
    (b"", "", "y"),
    (None, "", "e"),
    ([], "[]", "a"),
    (["a", 1, 1.0, True, None], '["a",1,1.0,true,null]', "a"),
    ([b"\x00", math.nan, [[]]], '[{"$bytes":"AA=="},{"$double":"NaN"},[[]]]', "a"),
    ({}, "{}", "k"),
    ({"é": {"n": [-math.inf]}}, '{"é":{"n":[{"$double":"-Infinity"}]}}', "k"),
]


def rows(signal: Signal, table: str, body: bytes) -> list[dict[str, Any]]:
    batch = decode_group(signal, [Export(1, signal, body, NOW_NS)], Limits(100, ()))
    found: list[dict[str, Any]] = batch.tables[table].to_pylist()
    return found


@pytest.mark.parametrize(("sent", "text", "letter"), VALUES)
def test_a_value_is_text_and_a_letter(sent: Any, text: str, letter: str) -> None:
    """What cannot be told from the text is in the letter; nested values lose nothing."""
    body = export_request(span(attributes={"before": "x", "k": sent, "after": 1}))

    (row,) = rows(Signal.TRACES, "spans", body.SerializeToString())

    assert row["attributes"][1] == {"key": "k", "value": text}
    assert row["attribute_types"] == f"s{letter}i"


def test_bodies_of_all_types_keep_their_place() -> None:
    """A column of mixed bodies, and one record without a body, each in its row."""
    records = [log(sent) for sent, _, _ in VALUES] + [log()]
    records[-1].ClearField("body")

    found = rows(Signal.LOGS, "log_records", export_request(*records).SerializeToString())

    assert [(row["body"], row["body_type"]) for row in found] == [
        *[(text, letter) for _, text, letter in VALUES],
        (None, None),
    ]
