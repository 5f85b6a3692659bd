"""Finds log bodies that are JSON objects, as structured loggers write them, and reads their ids.

Only what can be such an object is parsed: text that starts with a brace and is not long (a parse
was measured at 1 to 3 µs for a usual line).
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any, Final

import numpy as np
import orjson

from collector.decode.attributes import Texts
from collector.decode.records import lengths

LARGEST_BYTES: Final = 65_536

Members = dict[str, Any]


def read_members(text: str | bytes | memoryview) -> Members | None:
    """The members of a JSON object; None for anything else."""
    try:
        members = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    return members if isinstance(members, dict) else None


def objects(body: Texts) -> Iterator[tuple[int, Members]]:
    """The JSON objects among the bodies, each with the index of its record."""
    _, offsets, data = body.values.buffers()
    size = lengths(body.values)
    eligible = np.flatnonzero((size > 2) & (size <= LARGEST_BYTES))
    if data is None or not eligible.size:
        return
    starts = np.frombuffer(offsets, np.int32, count=len(size) + 1)
    begins = np.frombuffer(data, np.uint8)[starts[eligible]] == ord("{")
    view = memoryview(data)
    for index in eligible[begins].tolist():
        members = read_members(view[starts[index] : starts[index + 1]])
        if members:
            yield index, members


def member(members: Members, names: tuple[str, ...]) -> str | None:
    """The first of these names that holds a text or a number; of an array, its first element.

    A name with dots is a member of that name, or else a path.
    """
    plain, heads = _by_place(names)
    if members.keys().isdisjoint(heads):
        return _first(
            members.get(name)
            for name in sorted(members.keys() & plain.keys(), key=plain.__getitem__)
        )
    return _first(_at(members, name) for name in names)


@lru_cache(256)
def _by_place(names: tuple[str, ...]) -> tuple[dict[str, int], frozenset[str]]:
    """The place of each name, and what paths begin with."""
    heads = frozenset(name.split(".")[0] for name in names if "." in name)
    return {name: place for place, name in enumerate(names)}, heads


def _first(values: Iterable[Any]) -> str | None:
    for value in values:
        found = (value[0] if value else None) if isinstance(value, list) else value
        if isinstance(found, str | int | float) and not isinstance(found, bool) and found != "":
            return str(found)
    return None


def _at(members: Members, name: str) -> Any:
    """The member of this name or at this path."""
    if name in members or "." not in name:
        return members.get(name)
    value: Any = members
    for segment in name.split("."):
        value = value.get(segment) if isinstance(value, dict) else None
    return value
