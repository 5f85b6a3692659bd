"""Fills promoted columns from attributes, by name, without touching each attribute in Python.

Names are dictionary-encoded once a batch; a table over the few distinct names says which
attributes matter, and a ``take`` per column fetches their values. Of several spellings the one
first in the list of names wins, of equal keys the first; empty values say nothing.
"""

from collections.abc import Container, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from collector.decode.attributes import Attributes

_SCALAR: Final = np.isin(np.arange(256), [ord(letter) for letter in "sbid"])
_SCALAR_OR_ARRAY: Final = _SCALAR | (np.arange(256) == ord("a"))
_SCALAR_OR_KVLIST: Final = _SCALAR | (np.arange(256) == ord("k"))


@dataclass(frozen=True, slots=True)
class Hits:
    """Attributes of a group that someone asked for, in the order of their records."""

    position: NDArray[np.int64]  # among all attributes of the group
    name: NDArray[np.int32]  # index into the distinct names
    letter: NDArray[np.uint8]
    owner: NDArray[np.int64]  # the record


class Promoter:
    """The attributes of n records, ready to be asked for columns."""

    def __init__(self, attributes: Attributes, wanted: Container[str]) -> None:
        encoded = pc.dictionary_encode(attributes.keys)
        self.names: list[str] = encoded.dictionary.to_pylist()
        self._place = {name: place for place, name in enumerate(self.names)}
        self._values = attributes.texts.values
        self._letters = attributes.texts.letters
        self._count = attributes.count
        self.size = len(attributes.count)
        index = encoded.indices.to_numpy()
        self._index = index
        interesting = np.array([name in wanted for name in self.names], np.bool_)
        offsets = np.frombuffer(self._values.buffers()[1], np.int32, count=len(index) + 1)
        says = np.diff(offsets) > 0
        self._hits = np.flatnonzero(interesting[index] & says) if len(index) else index
        self._name = index[self._hits]
        self._letter = attributes.texts.letters[self._hits]
        self._of_scalars = _SCALAR[self._letter]
        self._of_scalars_and_arrays = _SCALAR_OR_ARRAY[self._letter]
        self._of_scalars_and_kvlists = _SCALAR_OR_KVLIST[self._letter]
        self._owner = np.repeat(np.arange(self.size), attributes.count)[self._hits]

    def positions(
        self, names: Sequence[str], *, arrays: bool = False, kvlists: bool = False
    ) -> NDArray[np.int64] | None:
        """Where each record's value stands, -1 for none; None when no record has one."""
        present = [self._place[name] for name in names if name in self._place]
        if not present:
            return None
        usable = self._of_scalars_and_arrays if arrays else self._of_scalars
        usable = self._of_scalars_and_kvlists if kvlists else usable
        found = np.full(self.size, -1, np.int64)
        for name in reversed(present):
            chosen = np.flatnonzero((self._name == name) & usable)[::-1]
            found[self._owner[chosen]] = self._hits[chosen]
        return found

    def hits(self, kinds: NDArray[np.uint8], takes: NDArray[np.bool_]) -> Hits:
        """The wanted attributes that suit: ``kinds`` is one of each name, ``takes`` its letters."""
        taken = np.flatnonzero(takes[kinds[self._name], self._letter])
        return Hits(self._hits[taken], self._name[taken], self._letter[taken], self._owner[taken])

    def of_letter(self, letter: int) -> Hits:
        """All attributes whose value is of this type, wanted or not."""
        position = np.flatnonzero(self._letters == letter)
        if not position.size:
            return Hits(position, self._index[:0], self._letters[:0], position)
        owner = np.searchsorted(np.cumsum(self._count), position, side="right")
        return Hits(position, self._index[position], self._letters[position], owner)

    def texts(
        self, names: Sequence[str], *, arrays: bool = False, kvlists: bool = False
    ) -> pa.StringArray:
        """The column for these names, best first; null where no name has a value."""
        found = self.positions(names, arrays=arrays, kvlists=kvlists)
        return pa.nulls(self.size, pa.string()) if found is None else self.at(found)

    def at(self, positions: NDArray[np.int64]) -> pa.StringArray:
        """The values at these positions, null for -1."""
        return pc.take(self._values, pa.array(positions, mask=positions < 0))
