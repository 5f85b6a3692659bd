"""Ids of a whole column in the form in which ids are compared."""

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.decode import key_values, meanings
from collector.decode.id_columns import plain, tidied

UUID = "f81d4fae-7dec-11d0-a765-00a0c91e6bf6"
ODD = [UUID, UUID.upper(), "1-6b006070-c0ffee00112233445566778a", "1" * 40, "x1" * 300, "1.1.1.1."]
texts = st.text("0123789abfgzABFGZ-_.:/ \"'[]{}=%é", max_size=12) | st.sampled_from(ODD)


@given(st.lists(texts, max_size=8))
def test_what_is_plain_needs_no_reading(values: list[str]) -> None:
    """Every reader of ids takes a plain text as it is."""
    for text, is_plain in zip(values, plain(pa.array(values, pa.string())).tolist(), strict=True):
        if is_plain:
            assert meanings.correlation_id(text) == text
            assert key_values.id_text(text) == text
            assert key_values.loose_id(text) == text


@given(st.lists(texts | st.none(), max_size=8))
def test_a_tidied_column_is_each_value_changed(values: list[str | None]) -> None:
    """What the look at the whole column skips needs no change."""
    column = pa.array([value or None for value in values], pa.string())

    changed = tidied(column, meanings.correlation_id).to_pylist()

    assert changed == [value and meanings.correlation_id(value) for value in column.to_pylist()]


@pytest.mark.parametrize("text", [UUID, "ORD-1001", "0123456789", "a1b2c3", "orders:17/3"])
def test_usual_ids_are_plain(text: str) -> None:
    """They are not read one by one."""
    assert plain(pa.array([text, text])).tolist() == [True, True]
