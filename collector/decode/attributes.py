"""Attribute lists as columns: keys, values as text, and the letters of their types.

Nothing here makes a Python object per attribute, except for doubles, bytes and nested values,
which are few; equal nested values are decoded once.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from google.protobuf.message import DecodeError, Message
from numpy.typing import NDArray
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValueList

from collector.columns import ATTRIBUTES
from collector.decode.values import bytes_text, double_text, json_text, to_json

# Nesting at which the reference parser counts from the whole request; a value this deep goes
# there to be judged (it allows 100 levels, the request around a value takes at most 9).
DEEPEST: Final = 40

_KEY_VALUE: Final = ATTRIBUTES.value_type
_E, _S, _B, _I = (ord(letter) for letter in "esbi")


class RefusedError(Exception):
    """The fast path cannot vouch for this group; the reference path decides."""


@dataclass(frozen=True, slots=True)
class Texts:
    """Values as text; ``letters`` holds one type letter (uint8) for each."""

    values: pa.StringArray
    letters: NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Attributes:
    """The attribute lists of n records; keys and values are those of all records in a row."""

    count: NDArray[np.int64]  # per record
    keys: pa.StringArray
    texts: Texts
    lists: pa.ListArray
    types: pa.StringArray


def is_valid(array: pa.Array) -> NDArray[np.bool_]:
    """Where the array is not null, without a kernel call."""
    bitmap = array.buffers()[0]
    if bitmap is None:
        return np.ones(len(array), np.bool_)
    start, end = array.offset, array.offset + len(array)
    bits = np.unpackbits(np.frombuffer(bitmap, np.uint8), count=end, bitorder="little")
    return bits[start:].view(np.bool_)


def read_texts(values: pa.StructArray) -> Texts:
    """A column of AnyValue as text. Raises RefusedError for a nested value that cannot be read."""
    strings = values.field("string_value")
    if strings.null_count == 0:
        return Texts(strings, np.full(len(values), _S, np.uint8))
    letters = np.full(len(values), _E, np.uint8)
    letters[is_valid(strings)] = _S
    parts = [strings]
    for name, code in (("int_value", _I), ("bool_value", _B)):
        column = values.field(name)
        if column.null_count < len(column):
            letters[is_valid(column)] = code
            parts.append(pc.cast(column, pa.string()))
    parts.extend(_rare_texts(values, letters))
    return Texts(pc.coalesce(*parts, _EMPTY), letters)


_EMPTY: Final = pa.scalar("", pa.string())


def _rare_texts(values: pa.StructArray, letters: NDArray[np.uint8]) -> list[pa.StringArray]:
    """Texts of doubles, bytes and nested values, each column null where it has none."""
    parts = []
    for name, letter, text_of in (
        ("double_value", "d", double_text),
        ("bytes_value", "y", bytes_text),
        ("array_value", "a", lambda body: nested_text(ArrayValue, body)),
        ("kvlist_value", "k", lambda body: nested_text(KeyValueList, body)),
    ):
        column = values.field(name)
        if column.null_count < len(column):
            letters[is_valid(column)] = ord(letter)
            distinct = pc.dictionary_encode(column)
            texts = pa.array([text_of(each) for each in distinct.dictionary.to_pylist()], "string")
            parts.append(pc.take(texts, distinct.indices))
    return parts


def nested_text(kind: type[Message], body: bytes) -> str:
    """JSON text of a serialized ArrayValue or KeyValueList."""
    try:
        message = kind.FromString(body)
    except DecodeError as error:
        raise RefusedError(f"nested value: {error}") from error
    value = AnyValue()
    if isinstance(message, ArrayValue):
        value.array_value.CopyFrom(message)
    else:
        value.kvlist_value.CopyFrom(message)
    if depth(value) > DEEPEST:
        raise RefusedError("nested value: too deep for the fast path")
    return json_text(to_json(value))


def depth(value: AnyValue) -> int:
    """How many arrays and kvlists are around the innermost value."""
    match value.WhichOneof("value"):
        case "array_value":
            return 1 + max(map(depth, value.array_value.values), default=0)
        case "kvlist_value":
            return 1 + max((depth(each.value) for each in value.kvlist_value.values), default=0)
        case _:
            return 0


def read_attributes(lists: pa.ListArray) -> Attributes:
    """A column of ``repeated KeyValue``. Raises RefusedError as ``read_texts`` does."""
    pairs = lists.values
    keys, texts = pairs.field("key"), read_texts(pairs.field("value"))
    offsets = lists.offsets
    size = len(lists)
    structs = pa.Array.from_buffers(_KEY_VALUE, len(pairs), [None], children=[keys, texts.values])
    offset_buffers = pa.py_buffer(np.ascontiguousarray(offsets.to_numpy()))
    return Attributes(
        count=np.diff(offsets.to_numpy()).astype(np.int64),
        keys=keys,
        texts=texts,
        lists=pa.Array.from_buffers(ATTRIBUTES, size, [None, offset_buffers], children=[structs]),
        types=pa.StringArray.from_buffers(size, offset_buffers, pa.py_buffer(texts.letters)),
    )
