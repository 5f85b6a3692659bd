"""OTLP/JSON as the protobuf message it stands for, so that all else sees one format.

It is protobuf's JSON mapping with OTLP's own rules: trace and span ids are hex, keys are
lowerCamelCase only, unknown keys are ignored at every level. Lenient where senders differ:
enums as number or name, numbers as number or string, doubles as the words NaN, Infinity and
-Infinity, null as not sent. Source: opentelemetry-proto 1.11, docs/specification.md.
"""

import base64
import binascii
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import orjson
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import EncodeError

from collector.batch import Signal
from collector.decode.wire import REQUESTS
from collector.errors import Malformed

_IDS: Final = {"trace_id", "span_id", "parent_span_id"}
_HEX: Final = re.compile(r"(?:[0-9a-fA-F]{2})*")
_DOUBLE_TEXT: Final = re.compile(r"NaN|-?Infinity|-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_INTEGER: Final = re.compile(r"-?[0-9]+")
# What stands for an id that is not hex: of no valid length, so that only its record is rejected.
_NO_ID: Final = b"\0"
# Messages within messages that protobuf parsers accept; deeper is refused before they see it.
_DEEPEST: Final = 100

_INTEGERS: Final = {
    FieldDescriptor.CPPTYPE_INT32,
    FieldDescriptor.CPPTYPE_INT64,
    FieldDescriptor.CPPTYPE_UINT32,
    FieldDescriptor.CPPTYPE_UINT64,
}
_DOUBLE: Final = FieldDescriptor.CPPTYPE_DOUBLE


@dataclass(frozen=True, slots=True)
class _Field:
    """How one JSON member is read: ``read`` takes its value and how deep it stands."""

    name: str
    repeated: bool
    read: Callable[[Any, int], Any]


class _WrongKindError(Exception):
    """A value of the wrong kind; its text says what was expected."""


def json_to_protobuf(signal: Signal, body: bytes) -> bytes:
    """The serialized ``Export*ServiceRequest`` that a JSON body stands for.

    Raises Malformed with the place and the remedy when it stands for none.
    """
    try:
        content = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Malformed(f"body is not JSON ({error}); send OTLP/JSON or protobuf") from error
    kind = REQUESTS[signal]
    try:
        serialized: bytes = kind(**_message(kind.DESCRIPTOR, content, 1)).SerializeToString()
    except _WrongKindError as error:
        raise Malformed(f"body is not OTLP/JSON: {error}") from error
    except (ValueError, TypeError, EncodeError) as error:
        raise Malformed(f"body is not OTLP/JSON: a value is out of range ({error})") from error
    return serialized


def _message(kind: Descriptor, content: Any, depth: int) -> dict[str, Any]:
    """The arguments a message of this kind is built with."""
    if not isinstance(content, dict):
        raise _WrongKindError(f"{kind.name} must be an object")
    if depth > _DEEPEST:
        raise _WrongKindError(f"values are nested deeper than {_DEEPEST} messages; flatten them")
    fields = _fields(kind)
    read: dict[str, Any] = {}
    for key, value in content.items():
        field = fields.get(key)
        if field is None or value is None:
            continue
        try:
            if field.repeated:
                read[field.name] = [field.read(each, depth) for each in _plain(value, list)]
            else:
                read[field.name] = field.read(value, depth)
        except _WrongKindError as error:
            raise _WrongKindError(f"{key}: {error}" if depth < 8 else str(error)) from None
    return read


@cache
def _fields(kind: Descriptor) -> dict[str, _Field]:
    """The fields of a message by their JSON name."""
    return {
        field.json_name: _Field(field.name, field.is_repeated, _reader(field))
        for field in kind.fields
    }


def _reader(field: FieldDescriptor) -> Callable[[Any, int], Any]:
    if field.message_type is not None:
        kind = field.message_type
        return lambda value, depth: _message(kind, value, depth + 1)
    if field.enum_type is not None:
        numbers = {each.name: each.number for each in field.enum_type.values}
        return lambda value, _: numbers.get(value, 0) if _is_name(value) else _integer(value)
    if field.type == FieldDescriptor.TYPE_BYTES:
        return _id if field.name in _IDS else _bytes
    if field.cpp_type in _INTEGERS:
        return lambda value, _: _integer(value)
    if field.cpp_type == _DOUBLE:
        return lambda value, _: _double(value)
    expected = bool if field.type == FieldDescriptor.TYPE_BOOL else str
    return lambda value, _: _plain(value, expected)


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and not _INTEGER.fullmatch(value)


_KINDS: Final = {bool: "a boolean", str: "a string", list: "an array"}


def _plain(value: Any, expected: type) -> Any:
    if type(value) is not expected:
        raise _WrongKindError(f"must be {_KINDS[expected]}")
    return value


def _integer(value: Any) -> int:
    if type(value) is int:
        return value
    if isinstance(value, str) and len(value) <= 20 and _INTEGER.fullmatch(value):
        return int(value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    raise _WrongKindError("must be an integer, as number or string")


def _double(value: Any) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, str) and _DOUBLE_TEXT.fullmatch(value):
        return float(value)
    raise _WrongKindError("must be a number, or one of NaN, Infinity and -Infinity")


def _id(value: Any, _depth: int) -> bytes:
    text: str = _plain(value, str)
    return bytes.fromhex(text) if _HEX.fullmatch(text) else _NO_ID


def _bytes(value: Any, _depth: int) -> bytes:
    text: str = _plain(value, str)
    standard = text.replace("-", "+").replace("_", "/").rstrip("=")
    try:
        return base64.b64decode(standard + "=" * (-len(standard) % 4), validate=True)
    except binascii.Error as error:
        raise _WrongKindError("must be base64") from error
