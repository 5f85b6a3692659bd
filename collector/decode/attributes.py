"""Attribute lists as columns: keys, values as text, and the letters of their types.

Nothing here makes a Python object per attribute, except for doubles, bytes and nested values,
which are few; equal nested values are decoded once.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from google.protobuf.message import DecodeError
from numpy.typing import NDArray
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValueList

from collector.columns import ATTRIBUTES
from collector.decode.refusal import RefusedError
from collector.decode.values import bytes_text, double_text, is_deep, json_text, to_json

_T = TypeVar("_T")
_KEY_VALUE: Final = ATTRIBUTES.value_type
_EMPTY: Final = pa.scalar("", pa.string())
_E, _S, _B, _I, _D, _Y, _A, _K = (ord(letter) for letter in "esbidyak")
_PLAIN: Final = ("string_value", "bool_value", "int_value", "double_value", "bytes_value")
_NESTED: Final = ("array_value", "kvlist_value")


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


def normalised(column: pa.Array, change: Callable[[Any], _T | None], to: pa.DataType) -> pa.Array:
    """The column with each distinct value changed; what changes to None becomes null."""
    if column.null_count == len(column):
        return pa.nulls(len(column), to)
    encoded = pc.dictionary_encode(column)
    changed = pa.array([change(each) for each in encoded.dictionary.to_pylist()], to)
    return pc.take(changed, encoded.indices)


def read_texts(values: pa.StructArray) -> Texts:
    """A column of AnyValue as text. Raises RefusedError for a value that cannot be read."""
    strings = values.field("string_value")
    letters = np.full(len(values), _S if strings.null_count == 0 else _E, np.uint8)
    if strings.null_count:
        letters[is_valid(strings)] = _S
    parts = [strings, *_plain_texts(values, letters), *_rare_texts(values, letters)]
    if _members(values) != np.count_nonzero(letters != _E):
        raise RefusedError("a value of several types: ptars does not tell which came last")
    return Texts(parts[0] if strings.null_count == 0 else pc.coalesce(*parts, _EMPTY), letters)


def _members(values: pa.StructArray) -> int:
    """How many members of the oneof are set, over all values."""
    plain = (values.field(name) for name in _PLAIN)
    nested = (np.diff(values.field(name).offsets.to_numpy()) for name in _NESTED)
    members: list[int] = [len(each) - each.null_count for each in plain]
    return sum(members) + sum(int(np.count_nonzero(each)) for each in nested)


def _plain_texts(values: pa.StructArray, letters: NDArray[np.uint8]) -> Iterator[pa.StringArray]:
    """Texts of ints and bools, each column null where it has none; sets their letters."""
    for name, code in (("int_value", _I), ("bool_value", _B)):
        column = values.field(name)
        if column.null_count < len(column):
            letters[is_valid(column)] = code
            yield pc.cast(column, pa.string())


def _rare_texts(values: pa.StructArray, letters: NDArray[np.uint8]) -> Iterator[pa.StringArray]:
    """Texts of doubles, bytes and nested values, made once per distinct value."""
    for name, code, text_of in (("double_value", _D, double_text), ("bytes_value", _Y, bytes_text)):
        column = values.field(name)
        if column.null_count < len(column):
            letters[is_valid(column)] = code
            yield normalised(column, text_of, pa.string())
    for name, code, read in (("array_value", _A, _array), ("kvlist_value", _K, _kvlist)):
        lists = values.field(name)
        if len(lists.values):
            sent = np.diff(lists.offsets.to_numpy()) > 0
            letters[sent] = code
            yield normalised(_whole(lists, sent), partial(_nested_text, read), pa.string())


def _whole(lists: pa.ListArray, sent: NDArray[np.bool_]) -> pa.BinaryArray:
    """The one piece of each message that was sent, null where none was."""
    if len(lists.values) != np.count_nonzero(sent):
        raise RefusedError("a nested value in several parts: protobuf merges them")
    index = np.cumsum(sent) - 1
    return lists.values.take(pa.array(index, mask=~sent))


def _array(body: bytes) -> AnyValue:
    return AnyValue(array_value=ArrayValue.FromString(body))


def _kvlist(body: bytes) -> AnyValue:
    return AnyValue(kvlist_value=KeyValueList.FromString(body))


def _nested_text(read: Callable[[bytes], AnyValue], body: bytes) -> str:
    """JSON text of a serialized ArrayValue or KeyValueList."""
    try:
        value = read(body)
    except DecodeError as error:
        raise RefusedError(f"nested value: {error}") from error
    if is_deep(value):
        raise RefusedError("nested value: too deep to judge apart from its request")
    return json_text(to_json(value))


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
