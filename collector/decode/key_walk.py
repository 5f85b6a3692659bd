"""Walks a JSON object - a log body, an attribute - for values under names, however deep.

Bounded, since anyone may send such objects. A list of several is not entered: what one record
says about many things must not tie these things to each other.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final, TypeAlias

from collector.decode.key_parts import PART_NAMES
from collector.decode.log_bodies import LARGEST_BYTES, read_members
from collector.model.id_text import LONGEST

Said: TypeAlias = tuple[str, str, str]
"""A name, its value as text, and the letter of its type (``collector.columns``)."""

_DEEPEST: Final = 8
_MOST_VALUES: Final = 512
_LONGEST_PATH: Final = 256
_LONGEST_VALUE: Final = 2 * LONGEST + 512  # an object's key has up to 1,024 bytes


class _Budget:
    """How many more members are looked at."""

    def __init__(self) -> None:
        self.left = _MOST_VALUES


def walk(members: Mapping[str, Any], path: str = "") -> Iterator[Said]:
    """The texts and numbers in an object by their path, in order; JSON in a text is entered too."""
    return _walk(members, path, 0, _Budget())


def _walk(members: Mapping[str, Any], path: str, depth: int, budget: _Budget) -> Iterator[Said]:
    yield from _envelope(members)
    for name, value in members.items():
        budget.left -= 1
        if budget.left < 0:
            return
        inner = f"{path}.{name}" if path else name
        if len(inner) <= _LONGEST_PATH:
            yield from _value(inner, value, depth, budget)


def _value(path: str, value: Any, depth: int, budget: _Budget) -> Iterator[Said]:
    match value:
        case [only]:
            if not isinstance(only, list):
                yield from _value(path, only, depth, budget)
        case dict():
            if depth < _DEEPEST:
                yield from _walk(value, path, depth + 1, budget)
        case str() if value.startswith("{"):
            inner = _parsed(value) if depth < _DEEPEST else None
            if inner:
                yield from _walk(inner, path, depth + 1, budget)
        case bool():
            yield path, str(value).lower(), "b"
        case str() if 0 < len(value) <= _LONGEST_VALUE:
            yield path, value, "s"
            yield from _parts(path, value)
        case int() | float():
            yield path, str(value), "i" if isinstance(value, int) else "d"
            yield from _parts(path, str(value))


def _parsed(text: str) -> Mapping[str, Any] | None:
    return read_members(text) if len(text) <= LARGEST_BYTES else None


def _parts(path: str, value: str) -> Iterator[Said]:
    """The value again under the end of its path that is half of a key, as in detail.bucket.name."""
    rest = path
    while "." in rest:
        rest = rest.partition(".")[2]
        if rest in PART_NAMES:
            yield rest, value, "s"
            return


def _envelope(members: Mapping[str, Any]) -> Iterator[Said]:
    """What only the members together say: the id of an EventBridge event, of a CloudEvent."""
    event_id, source = members.get("id"), members.get("source")
    if not isinstance(event_id, str) or not isinstance(source, str):
        return
    if "detail-type" in members:
        yield "event_id", event_id, "s"
    elif "specversion" in members:
        yield "ce-source", source, "s"
        yield "ce-id", event_id, "s"
