"""JSON objects one after the other, with or without anything between them.

CloudWatch Logs concatenates them, metric streams put each on a line. What is damaged costs the
objects up to the next line only. Every piece of text is looked at a bounded number of times.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

import orjson

from collector.errors import Malformed, TooLarge

Members = dict[str, Any]

# A container takes 64 bytes and more, and 2 of text: 128 MiB for this many. The densest logs, of
# structured lines with small objects in them, hold one in 30 bytes.
_MOST_CONTAINERS: Final = 2_000_000
# Damage at more places is no accident, and each may cost a look at all that follows.
_MOST_DAMAGES: Final = 16

# A string, also one that never ends, or a brace. Possessive: no input makes it look back.
_TOKEN: Final = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)|[{}]', re.DOTALL)
# An escaped surrogate without its other half, as where a line was cut within a character: such
# text is no Unicode. Pairs and other escapes are matched to be passed over.
_SURROGATE: Final = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    rb"|(\\u[dD][89a-fA-F][0-9a-fA-F]{2})|\\.",
    re.DOTALL,
)
_BETWEEN: Final = re.compile(rb"[ \t\r\n,]*+")


def require_sparse(text: bytes) -> None:
    """To be called before JSON is parsed that may hold objects within objects without end.

    Raises:
        TooLarge: it has more than two million braces and brackets.
    """
    if text.count(b"{") + text.count(b"[") > _MOST_CONTAINERS:
        raise TooLarge(f"it holds more than {_MOST_CONTAINERS:,} JSON objects: send fewer at once")


def load(text: bytes) -> Any:
    """A JSON value; halves of characters in it become U+FFFD.

    Raises:
        orjson.JSONDecodeError: it is none.
    """
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        whole = _SURROGATE.sub(lambda found: rb"\ufffd" if found[1] else found[0], text)
        if whole == text:
            raise
        return orjson.loads(whole)


def read_objects(text: bytes) -> Iterator[Members | Malformed]:
    """Each object in order; in place of what cannot be read, one error that says where.

    Raises:
        TooLarge: see :func:`require_sparse`.
    """
    require_sparse(text)
    try:
        whole = load(text)
    except orjson.JSONDecodeError:
        yield from _one_by_one(text)
        return
    yield whole if isinstance(whole, dict) else Malformed("it is JSON, but no object")


def _one_by_one(text: bytes) -> Iterator[Members | Malformed]:
    position, damages = _skip(text, 0), 0
    while position < len(text):
        end = _end(text, position) if text[position] == ord("{") else None
        if end is not None:
            try:
                yield load(text[position:end])
                position = _skip(text, end)
                continue
            except orjson.JSONDecodeError:
                pass
        damages += 1
        next_line = text.find(b"\n", position)
        gives_up = next_line < 0 or damages == _MOST_DAMAGES
        yield Malformed(f"no JSON object at byte {position}")
        position = len(text) if gives_up else _skip(text, next_line)


def _skip(text: bytes, position: int) -> int:
    """The first byte that stands for something."""
    found = _BETWEEN.match(text, position)
    return found.end() if found else position


def _end(text: bytes, start: int) -> int | None:
    """Where the object that begins here ends; None when it does not."""
    depth = 0
    for token in _TOKEN.finditer(text, start):
        brace = token[0]
        if brace == b"{":
            depth += 1
        elif brace == b"}":
            depth -= 1
            if depth == 0:
                return token.end()
    return None
