"""What is to know of the ids that records name, in columns, as keys.py and mentions.py have it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from collector.derive.coding import Ids, Truths
from collector.model.stitching.keys import is_worthless

Hashes = Callable[[pa.Array], Ids]
"""Asks the store for the keys of texts: :func:`collector.store.stitching_facts.text_keys`."""

# No word that means "none" is longer, or has two digits.
_LONGEST_WORD: Final = 17
_TWO_DIGITS: Final = "[0-9][^0-9]*[0-9]"


@dataclass(frozen=True, slots=True)
class Values:
    """What is known of each value, by its number; ``text`` is that of its key.

    The last ones are texts of keys themselves, of which nothing else is to know.
    """

    key: Ids
    text: pa.Array
    hex: Truths  # has the form of a trace id
    worthless: Truths
    unique: Truths
    digits: Truths
    counter: Truths
    odd: Truths  # has letters beyond ASCII

    @classmethod
    def of(cls, values: pa.Array, texts: pa.Array, hashes: Hashes) -> "Values":
        """Those of values, and of the ``texts`` of keys after these."""
        length = np.asarray(pc.utf8_length(values))
        is_hex = (length == 32) & _match(values, "^[0-9a-f]{32}$")
        # What has the form of a trace id shares the key of that trace.
        space = pc.if_else(pa.array(is_hex), "t:", "v:")
        named = pa.concat_arrays([pc.binary_join_element_wise(space, values, ""), texts])
        digits = np.asarray(pc.ascii_is_decimal(values), bool)
        said = (
            is_hex,
            _worthless(values, length),
            _unique(values),
            digits,
            digits & (length < 8),
            ~np.asarray(pc.string_is_ascii(values), bool),
        )
        none = np.zeros(len(texts), bool)
        return cls(hashes(named), named, *(np.concatenate((each, none)) for each in said))


def _match(texts: pa.Array, pattern: str) -> Truths:
    return np.asarray(pc.match_substring_regex(texts, pattern), bool)


def _unique(values: pa.Array) -> Truths:
    """As ``is_unique``, of what is ASCII."""
    bare = np.asarray(pc.utf8_length(pc.replace_substring(values, "-", "")))
    told = _match(values, "(?:[0-9][^0-9]*){4}") & _match(values, "[A-Za-z]")
    unique: Truths = (bare >= 16) & told
    return unique


def _worthless(values: pa.Array, length: NDArray[np.int32]) -> Truths:
    """As ``is_worthless``, which is asked of what may be."""
    first, last = (pc.utf8_slice_codeunits(values, *ends) for ends in ((0, 1), (-1,)))
    # Ends of nearly every id differ, and are neither blank nor dash nor dot, all before "0".
    suspect = np.asarray(pc.equal(pc.ascii_lower(first), pc.ascii_lower(last)), bool)
    suspect |= np.asarray(pc.less(pc.min_element_wise(first, last), "0"), bool)
    short = length <= _LONGEST_WORD
    suspect |= short & ~_match(values, _TWO_DIGITS)
    rows = np.flatnonzero(suspect)
    found = np.zeros(len(values), bool)
    found[rows] = [is_worthless(each) for each in values.take(pa.array(rows)).to_pylist()]
    return found
