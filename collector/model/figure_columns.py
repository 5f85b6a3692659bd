"""Columns of figures as a store gives them, made arrays of numbers that add up.

Cells are told apart by function, version, step of time, figure and bucket; names are their places
among all that were seen.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]
Mask = NDArray[np.bool_]

Columns = Mapping[str, Any]
"""Columns of numpy by name, masked where they have nulls."""

Arrays = dict[str, Numbers]
"""``function``, ``version``, ``at_minute``, ``figure``, ``bucket``, ``amount``, ``first_minute``,
``last_minute``.

``at_minute``: when a step begins, in minutes; -1: in the window before.
"""

COLD: Final = 5
DURATION: Final = 20
INIT: Final = 21
USED_MB: Final = 22
MEMORY_MB: Final = 23
COLD_DURATION: Final = 24

_TEXTS: Final = ("function", "version")
_KEYS: Final = ("function", "version", "at_minute", "figure", "bucket")
_COLUMNS: Final = (*_KEYS, "amount", "first_minute", "last_minute")
_EXTREMES: Final = (("first_minute", np.minimum), ("last_minute", np.maximum))
_MINUTE_NS: Final = 60 * 10**9
_INVOCATION, _FIRST = 1, 9
# Columns that hold a number of a figure, and columns that hold a bucket of one.
_NUMBERS: Final = ("invocation", "failed", "failure", "start", "again")
_BUCKETS: Final = (
    ("duration", DURATION), ("init", INIT), ("used_mb", USED_MB), ("memory_mb", MEMORY_MB),
)  # fmt: skip


@dataclass(slots=True)
class Names:
    """Gives each name its place, in the order in which they come; a missing one has a place too."""

    places: dict[str | None, int] = field(default_factory=dict)

    def of(self, column: Any) -> Numbers:
        """The place of each name of a column."""
        places = self.places
        if isinstance(column, np.ma.MaskedArray):
            if column.mask.all():
                return np.full(len(column), places.setdefault(None, len(places)), np.int64)
            column = column.tolist()
        for text in set(column):
            places.setdefault(text, len(places))
        return np.fromiter(map(places.__getitem__, column), np.int64, len(column))

    @property
    def texts(self) -> list[str]:
        """The names in order of their places."""
        return [name or "" for name in self.places]


def stored(columns: Columns, names: Names) -> Arrays:
    """Cells as they are stored. Lists have no versions, nor when they were seen: those are 0."""
    cells = {
        name: names.of(column) if name in _TEXTS else np.asarray(column).astype(np.int64)
        for name, column in columns.items()
    }
    none = np.zeros(len(cells["amount"]), np.int64)
    return {name: cells.get(name, none) for name in _COLUMNS}


def counted(columns: Columns, names: Names, since_ns: int, step: int, *, in_full: bool) -> Arrays:
    """Cells of one invocation each, from the columns of ``figures_anew.sql``.

    A step is so many minutes; what began before ``since_ns`` is of the window before.
    """
    start_ns = np.asarray(columns["start_ns"]).astype(np.int64)
    now = start_ns >= since_ns
    parts = [_numbers(columns[name]) for name in _NUMBERS]
    of_buckets = now | in_full  # of the window before there are counts alone, unless in full
    parts += [_buckets(columns[name], figure, of_buckets) for name, figure in _BUCKETS]
    cold = values_of(columns["start"]) == COLD
    parts.append(_buckets(columns["duration"], COLD_DURATION, of_buckets & cold))
    row = np.concatenate([each[0] for each in parts])
    figure = np.concatenate([each[1] for each in parts])
    minute = start_ns[row] // _MINUTE_NS
    at_minute = np.where((figure < DURATION) | in_full, minute // step * step, 0)
    bucket = np.concatenate([each[2] for each in parts])
    return {
        "function": names.of(columns["function"])[row],
        "version": names.of(columns["version"])[row] if in_full else np.zeros(len(row), np.int64),
        "at_minute": np.where(now[row], at_minute, -1),
        "figure": figure,
        "bucket": np.where(figure == _FIRST, minute // 60, bucket),
        "amount": np.ones(len(row), np.int64),
        "first_minute": minute,
        "last_minute": minute,
    }


_Part = tuple[Numbers, Numbers, Numbers]
"""Rows, figures and buckets."""


def _numbers(column: Any) -> _Part:
    """Of a column that holds figures."""
    row = np.flatnonzero(~np.ma.getmaskarray(column))
    return row, values_of(column)[row], np.zeros(len(row), np.int64)


def _buckets(column: Any, figure: int, kept: Mask) -> _Part:
    """Of a column that holds buckets of one figure: the rows that are kept."""
    row = np.flatnonzero(kept & ~np.ma.getmaskarray(column))
    return row, np.full(len(row), figure, np.int64), values_of(column)[row]


def values_of(column: Any) -> Numbers:
    """The values of a column; anything where it has none."""
    return np.asarray(np.ma.getdata(column)).astype(np.int64)


def together(parts: Iterable[Arrays]) -> Arrays:
    """All cells. Where any of them takes back what others say, equal ones are added up."""
    found = list(parts)
    if not found:
        return {name: np.empty(0, np.int64) for name in _COLUMNS}
    cells = {name: np.concatenate([each[name] for each in found]) for name in _COLUMNS}
    return _summed(cells) if len(cells["amount"]) and cells["amount"].min() < 0 else cells


def _summed(cells: Arrays) -> Arrays:
    group, example = groups([cells[name] for name in _KEYS])
    summed = {name: column[example] for name, column in cells.items()}
    summed["amount"][:] = 0
    np.add.at(summed["amount"], group, cells["amount"])
    for name, extreme in _EXTREMES:
        extreme.at(summed[name], group, cells[name])
    return only(summed, summed["amount"] > 0)


def only(cells: Arrays, kept: Mask) -> Arrays:
    """Those of the cells."""
    return {name: column[kept] for name, column in cells.items()}


def groups(columns: Sequence[Numbers]) -> tuple[Numbers, Numbers]:
    """The group of each row by the values of all columns, and of each group a row."""
    if not columns:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    key, size = np.zeros(len(columns[0]), np.int64), 1
    for column in columns:
        least = int(column.min())
        width = int(column.max()) - least + 1
        if size * width >= 2**62:  # the key would not fit: number what there is of it
            _, key = np.unique(key, return_inverse=True)
            size = int(key.max()) + 1
        key, size = key * width + (column - least), size * width
    _, example, group = np.unique(key, return_index=True, return_inverse=True)
    return group, example
