"""Fills promoted columns from attributes, by name, without touching each attribute in Python.

Names are dictionary-encoded once a batch; a table over the few distinct names says which
attributes matter, and a ``take`` per column fetches their values. Of several spellings the one
first in the list of names wins, of equal keys the first; empty values say nothing.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from collector.decode.attributes import Attributes

_UNNAMED: Final = 255
_SCALAR: Final = np.isin(np.arange(256), [ord(letter) for letter in "sbid"])
_SCALAR_OR_ARRAY: Final = _SCALAR | (np.arange(256) == ord("a"))


class Promoter:
    """The attributes of n records, ready to be asked for columns."""

    def __init__(self, attributes: Attributes, wanted: frozenset[str]) -> None:
        encoded = pc.dictionary_encode(attributes.keys)
        self._names: list[str] = encoded.dictionary.to_pylist()
        self._values = attributes.texts.values
        self._size = len(attributes.count)
        index = encoded.indices.to_numpy()
        interesting = np.array([name in wanted for name in self._names], np.bool_)
        offsets = np.frombuffer(self._values.buffers()[1], np.int32, count=len(index) + 1)
        says = np.diff(offsets) > 0
        self._hits = np.flatnonzero(interesting[index] & says) if len(index) else index
        self._name = index[self._hits]
        self._letter = attributes.texts.letters[self._hits]
        self._owner = np.repeat(np.arange(self._size), attributes.count)[self._hits]

    def positions(self, names: Sequence[str], *, arrays: bool = False) -> NDArray[np.int64] | None:
        """Where each record's value stands, -1 for none; None when no record has one."""
        ranks = np.full(len(self._names), _UNNAMED, np.uint8)
        for rank in range(len(names) - 1, -1, -1):
            if names[rank] in self._names:
                ranks[self._names.index(names[rank])] = rank
        present = sorted({int(rank) for rank in ranks} - {_UNNAMED}, reverse=True)
        if not present:
            return None
        of_hit = ranks[self._name]
        usable = (_SCALAR_OR_ARRAY if arrays else _SCALAR)[self._letter]
        found = np.full(self._size, -1, np.int64)
        for rank in present:
            chosen = np.flatnonzero((of_hit == rank) & usable)[::-1]
            found[self._owner[chosen]] = self._hits[chosen]
        return found

    def texts(self, names: Sequence[str], *, arrays: bool = False) -> pa.StringArray:
        """The column for these names, best first; null where no name has a value."""
        found = self.positions(names, arrays=arrays)
        return pa.nulls(self._size, pa.string()) if found is None else self.at(found)

    def at(self, positions: NDArray[np.int64]) -> pa.StringArray:
        """The values at these positions, null for -1."""
        return pc.take(self._values, pa.array(positions, mask=positions < 0))
