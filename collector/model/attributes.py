"""Attributes as stored (text and a type letter each) back into the values that were sent."""

import base64
import binascii
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias

Attributes: TypeAlias = dict[str, Any]
"""Values as JSON knows them; bytes are ``{"$bytes": base64}`` and an empty value is None."""


def restore(stored: Sequence[Mapping[str, str]] | None, types: str | None) -> Attributes:
    """The attributes of one record; a key sent twice keeps its last value, as SDKs do.

    ``stored`` and ``types`` are the columns ``attributes`` and ``attribute_types`` described in
    ``collector.columns``. A value that does not fit its letter is given as its text.
    """
    if not stored:
        return {}
    letters = types or ""
    if not letters.strip("s"):  # texts alone, as most
        return {item["key"]: item["value"] for item in stored}
    return {
        item["key"]: restore_value(item["value"], letters[place : place + 1] or "s")
        for place, item in enumerate(stored)
    }


def restore_value(text: str | None, letter: str | None) -> Any:
    """One value from its text and type letter; None stays None."""
    if text is None:
        return None
    try:
        return _READERS.get(letter or "s", str)(text)
    except (ValueError, binascii.Error, RecursionError):
        return text


def _bytes(text: str) -> dict[str, str]:
    base64.b64decode(text, validate=True)
    return {"$bytes": text}


def _double(text: str) -> float | str:
    """JSON has no infinities and no NaN: those stay text, as OTLP/JSON writes them."""
    value = float(text)
    return value if value - value == 0 else _NOT_FINITE.get(text.lower(), text)


_NOT_FINITE: Final = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}

_READERS: Final[dict[str, Callable[[str], Any]]] = {
    "s": str,
    "b": lambda text: text == "true",
    "i": int,
    "d": _double,
    "a": json.loads,
    "k": json.loads,
    "y": _bytes,
    "e": lambda text: None,
}
