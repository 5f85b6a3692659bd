"""Columns of Arrow as numpy has them: texts as numbers, nulls as a number of their own."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Numbers = NDArray[np.int64]
Ids = NDArray[np.uint64]
Truths = NDArray[np.bool_]

# PyArrow infers the type of a Python value anew each time, and looks for modules that may not be
# there to do so: 50 us.
_EMPTY: Final = pa.scalar("", pa.string())

NONE: Final = -1
"""The number of a text that is null, and of a row that is not there."""
NO_TIME: Final = -(2**63)
"""A time that is null: before all others."""


@dataclass(frozen=True, slots=True)
class Coded:
    """A column of texts: the number of each, and the distinct ``texts`` that these count from 0."""

    code: Numbers
    texts: pa.Array

    @classmethod
    def of(cls, *columns: pa.ChunkedArray | pa.Array) -> "Coded":
        """Columns one after the other, with one set of numbers."""
        joined = pa.chunked_array(
            [chunk for each in columns for chunk in _chunks(each)], pa.string()
        )
        encoded = joined.combine_chunks().dictionary_encode()
        return cls(
            np.asarray(pc.fill_null(encoded.indices, NONE)).astype(np.int64), encoded.dictionary
        )

    def split(self, *lengths: int) -> list["Coded"]:
        """The columns again, with numbers in common."""
        return [Coded(code, self.texts) for code in np.split(self.code, np.cumsum(lengths)[:-1])]

    def at(self, rows: Numbers | Truths) -> "Coded":
        return Coded(self.code[rows], self.texts)

    def where(self, true_of: Any) -> Truths:
        """Which rows hold a text of which that is true; a null holds none."""
        return np.append(np.asarray(true_of, bool), np.False_)[self.code]

    @property
    def said(self) -> Truths:
        """Which rows hold a text that is not empty."""
        return self.where(pc.not_equal(self.texts, _EMPTY))

    def matching(self, pattern: str, *, lower: bool = True) -> Truths:
        """Which rows hold a text in which a pattern of RE2 is found, in lower case or as it is."""
        texts = _lower(self.texts) if lower else self.texts
        return self.where(pc.match_substring_regex(texts, pattern))

    def in_order(self) -> Numbers:
        """The place of each row's text in order of the texts; null is as the empty text."""
        ranks = pc.rank(
            pa.concat_arrays([self.texts, pa.array([""])]), "ascending", tiebreaker="dense"
        )
        return np.asarray(ranks).astype(np.int64)[self.code]

    def column(self) -> pa.Array:
        """As a column of texts."""
        return self.texts.take(pa.array(self.code, mask=self.code < 0))


def numbers(column: pa.ChunkedArray, null: int = 0) -> Numbers:
    """A column of integers."""
    return np.asarray(pc.fill_null(column, null).combine_chunks()).astype(np.int64)


def ids(column: pa.ChunkedArray) -> Ids:
    """A column of unsigned ids; null is 0."""
    return np.asarray(pc.fill_null(column, 0).combine_chunks()).astype(np.uint64)


def truths(column: pa.ChunkedArray) -> Truths:
    """A column of booleans; null is false."""
    return np.asarray(pc.fill_null(column, False).combine_chunks(), bool)


def has_text(column: pa.ChunkedArray) -> Truths:
    """Which texts are there and not empty."""
    return truths(pc.not_equal(column, _EMPTY))


def valid(column: pa.ChunkedArray) -> Truths:
    return np.asarray(column.is_valid().combine_chunks(), bool)


def nullable(values: NDArray[Any], known: Truths, as_type: pa.DataType) -> pa.Array:
    """A column that is null where a value is not known."""
    return pa.array(values, mask=~known).cast(as_type)


def numbered(values: NDArray[Any]) -> Numbers:
    """A number for each value, equal where these are, from 0 in order of appearance."""
    encoded = pa.array(values).dictionary_encode()
    return np.asarray(encoded.indices).astype(np.int64)


def lists(owner: Numbers, count: int, values: pa.Array) -> pa.Array:
    """A column of ``count`` lists out of values, each with the row it is of, in order of these."""
    offsets = np.concatenate(([0], np.cumsum(np.bincount(owner, minlength=count))))
    return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), values)


def firsts(group: NDArray[Any]) -> Numbers:
    """Where each group begins, of groups that lie together."""
    if not len(group):
        return np.zeros(0, np.int64)
    return np.concatenate(([0], np.flatnonzero(group[1:] != group[:-1]) + 1))


def sizes(first: Numbers, count: int) -> Numbers:
    """How many rows each group has, by where they begin among so many."""
    return np.diff(np.append(first, count))


def changes(columns: Sequence[NDArray[Any]]) -> Numbers:
    """Where each group begins, of rows that are of one where all columns are equal."""
    if not len(columns[0]):
        return np.zeros(0, np.int64)
    differ = np.zeros(len(columns[0]) - 1, bool)
    for each in columns:
        differ |= each[1:] != each[:-1]
    return np.concatenate(([0], np.flatnonzero(differ) + 1))


def _lower(texts: pa.Array) -> pa.Array:
    """As ``str.lower``, which makes two letters of some."""
    if pc.all(pc.string_is_ascii(texts)).as_py() is not False:
        return pc.ascii_lower(texts)
    return pa.array([each.lower() for each in texts.to_pylist()], pa.string())


def _chunks(column: pa.ChunkedArray | pa.Array) -> list[pa.Array]:
    return column.chunks if isinstance(column, pa.ChunkedArray) else [column]


def appearances(owner: Numbers, code: Numbers) -> Numbers:
    """The rows in which a number is first there with its owner, of rows that lie by owner."""
    runs = changes((owner, code))
    pair = owner[runs] * (int(code.max(initial=0)) + 1) + code[runs]
    order = np.argsort(pair, kind="stable")
    found: Numbers = np.sort(runs[order[firsts(pair[order])]])
    return found
