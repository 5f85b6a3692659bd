"""One attribute value as text and type letter (the letters are in ``collector.columns``).

Nested values become JSON text that loses nothing: bytes are ``{"$bytes": base64}``, a double
JSON has no word for is ``{"$double": "NaN"}``, an empty value is null, a kvlist is an object.
"""

import math
from base64 import b64encode
from collections.abc import Iterable
from typing import Final, TypeAlias

import orjson
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"

_LETTERS: Final = {
    "string_value": "s",
    "bool_value": "b",
    "int_value": "i",
    "double_value": "d",
    "array_value": "a",
    "kvlist_value": "k",
    "bytes_value": "y",
}


# Nested deeper than this, a value goes to the reference parser, which allows 100 messages within
# each other counted from the request: up to 9 are around a value, and each level of it takes 2.
DEEPEST: Final = 40


def double_text(value: float) -> str:
    """The shortest text that reads back as the same double; JSON's words for the non-finite."""
    if math.isfinite(value):
        return repr(value)
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def bytes_text(value: bytes) -> str:
    return b64encode(value).decode()


def to_json(value: AnyValue) -> Json:
    """The value as plain Python data for JSON, nested ones included."""
    match value.WhichOneof("value"):
        case "array_value":
            return [to_json(each) for each in value.array_value.values]
        case "kvlist_value":
            return {each.key: to_json(each.value) for each in value.kvlist_value.values}
        case "bytes_value":
            return {"$bytes": bytes_text(value.bytes_value)}
        case "double_value" if not math.isfinite(value.double_value):
            return {"$double": double_text(value.double_value)}
        case str(name) if name in _LETTERS:
            plain: Json = getattr(value, name)
            return plain
        case _:
            return None


def json_text(value: Json) -> str:
    return orjson.dumps(value).decode()


def text_and_letter(value: AnyValue) -> tuple[str, str]:
    """One value as it is stored; ("", "e") when it holds nothing."""
    letter = _LETTERS.get(value.WhichOneof("value") or "", "e")
    match letter:
        case "s":
            return value.string_value, letter
        case "b":
            return ("true" if value.bool_value else "false"), letter
        case "i":
            return str(value.int_value), letter
        case "d":
            return double_text(value.double_value), letter
        case "y":
            return bytes_text(value.bytes_value), letter
        case "e":
            return "", letter
        case _:
            return json_text(to_json(value)), letter


def attribute_rows(attributes: Iterable[KeyValue]) -> tuple[list[dict[str, str]], str]:
    """The ``attributes`` and ``attribute_types`` of one record."""
    rows, letters = [], []
    for attribute in attributes:
        text, letter = text_and_letter(attribute.value)
        rows.append({"key": attribute.key, "value": text})
        letters.append(letter)
    return rows, "".join(letters)


def is_deep(value: AnyValue, levels: int = DEEPEST) -> bool:
    """Whether arrays and kvlists nest in more levels than these."""
    inner: Iterable[AnyValue]
    match value.WhichOneof("value"):
        case "array_value":
            inner = value.array_value.values
        case "kvlist_value":
            inner = (each.value for each in value.kvlist_value.values)
        case _:
            return False
    return levels == 0 or any(is_deep(each, levels - 1) for each in inner)
