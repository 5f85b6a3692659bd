"""Walks a JSON object - a log body, an attribute - for values under names of keys, however deep.

Bounded, since anyone may send such objects. A list of several is not entered: what one record
says about many things must not tie these things to each other.
"""

from collections.abc import Mapping
from typing import Any, Final, TypeAlias

from collector.decode.key_names import Names
from collector.decode.log_bodies import LARGEST_BYTES, read_members
from collector.model.id_text import LONGEST

Said: TypeAlias = tuple[str, str, str]
"""A name, its value as text, and the letter of its type (``collector.columns``)."""

_DEEPEST: Final = 8
_MOST_MEMBERS: Final = 512
_LONGEST_PATH: Final = 256
_TYPED_TEXTS: Final = ("stringValue", "StringValue", "Value")
_TYPE_NAMES: Final = ("dataType", "DataType", "Type")
_MOST_TYPED: Final = 4  # Lambda adds the empty lists of the other types
_LONGEST_VALUE: Final = 2 * LONGEST + 512  # an object's key has up to 1,024 bytes


def _typed(members: Mapping[str, Any]) -> str | None:
    """The text of a value that comes with its type; None for any other object.

    DynamoDB's streams say {"S": "x"}, SQS and SNS say it of message attributes.
    """
    if len(members) == 1:
        found = members.get("S") or members.get("N")
        return found if isinstance(found, str) else None
    if len(members) > _MOST_TYPED or not any(isinstance(members.get(t), str) for t in _TYPE_NAMES):
        return None
    return next((v for name in _TYPED_TEXTS if isinstance(v := members.get(name), str)), None)


class Walk:
    """One walk; ``said`` are the values that may be keys, by path, in their order.

    About 0.1 µs a member that is none.
    """

    def __init__(self, names: Names) -> None:
        self.said: list[Said] = []
        self._names = names
        self._left = _MOST_MEMBERS

    def enter(self, members: Mapping[str, Any], path: str = "", depth: int = 0) -> None:
        """Reads an object; ``path`` is the names that lead to it, with a dot after each."""
        self._left -= len(members)
        if self._left < 0 or depth > _DEEPEST or len(path) > _LONGEST_PATH:
            return
        if "id" in members and "source" in members:
            self._envelope(members)
        key_name, said = self._names.key_name, self.said
        for name, value in members.items():
            if type(value) is str and value[:1] != "{":
                found = key_name(path + name if path else name)
                if found is not None and 0 < len(value) <= _LONGEST_VALUE:
                    said.append((found, value, "s"))
            elif type(value) is not bool and value is not None:
                self._rare(path + name, value, depth)

    def _text(self, path: str, value: str, letter: str) -> None:
        name = self._names.key_name(path)
        if name is not None and 0 < len(value) <= _LONGEST_VALUE:
            self.said.append((name, value, letter))

    def _rare(self, path: str, value: Any, depth: int) -> None:
        """Reads what is no plain text: a number, an object, a list of one, JSON in a text."""
        match value:
            case int() | float():
                self._text(path, str(value), "i" if isinstance(value, int) else "d")
            case dict():
                typed = _typed(value)
                if typed is None:
                    self.enter(value, path + ".", depth + 1)
                elif typed.startswith("{"):
                    self._rare(path, typed, depth)
                else:
                    self._text(path, typed, "s")
            case [str() as text] if not text.startswith("{"):
                self._text(path, text, "s")
            case [dict() | int() | float() | str() as only]:
                self._rare(path, only, depth)
            case str() if len(value) <= LARGEST_BYTES:
                self.enter(read_members(value) or {}, path + ".", depth + 1)

    def _envelope(self, members: Mapping[str, Any]) -> None:
        """What only the members together say: the id of an EventBridge event, of a CloudEvent."""
        event_id, source = members["id"], members["source"]
        if not isinstance(event_id, str) or not isinstance(source, str):
            return
        if "detail-type" in members:
            self.said.append(("event_id", event_id, "s"))
        elif "specversion" in members:
            self.said += [("ce-source", source, "s"), ("ce-id", event_id, "s")]
