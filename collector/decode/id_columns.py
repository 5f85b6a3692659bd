"""Columns of ids in the form in which ids are compared, without reading each of them in Python.

Nearly all ids are plain: letters, digits and a few signs, of usual length, hex in lower case.
A table over the 256 bytes says so for a whole column; only the others are read one by one.
"""

from collections.abc import Callable
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from collector.decode.attributes import normalised
from collector.decode.records import Mask, lengths

_DIGIT, _UPPER_HEX, _OTHER_LETTER, _ODD = 1, 2, 4, 8
SHORTEST_PLAIN: Final = 6
LONGEST_PLAIN: Final = 128


def _classes() -> NDArray[np.uint8]:
    classes = np.full(256, _ODD, np.uint8)
    classes[list(b"-abcdef")] = 0
    classes[list(b"0123456789")] = _DIGIT
    classes[list(b"ABCDEF")] = _UPPER_HEX
    classes[list(b"ghijklmnopqrstuvwxyzGHIJKLMNOPQRSTUVWXYZ_.:/#+@~$")] = _OTHER_LETTER
    return classes


_CLASSES: Final = _classes()


def plain(texts: pa.StringArray) -> Mask:
    """Which texts are ids that need no change and cannot be worthless; the others may be too.

    A plain one has 6 to 128 characters and a digit, nothing around it, upper-case hex letters
    only beside other letters, and is no X-Ray trace id; it does not begin and end alike, as what
    repeats one character does. Takes an array without offset, as ``take`` gives.
    """
    size = lengths(texts)
    usable: Mask = (size >= SHORTEST_PLAIN) & (size <= LONGEST_PLAIN)
    data = texts.buffers()[2]
    if data is None or not len(texts):
        return usable
    octets = np.frombuffer(data, np.uint8)
    starts = np.frombuffer(texts.buffers()[1], np.int32, count=len(texts) + 1)
    held = np.flatnonzero(size)
    seen = np.zeros(len(texts), np.uint8)
    if held.size:
        classes = _CLASSES[octets[starts[0] : starts[-1]]]
        seen[held] = np.bitwise_or.reduceat(classes, starts[:-1][held] - starts[0])
    first, second = octets[_at(starts[:-1], octets)], octets[_at(starts[:-1] + 1, octets)]
    last = octets[_at(starts[1:] - 1, octets)]
    uniform = (first == last) & ((second == first) | (second < ord("/")))
    edge = (first < ord("/")) | ((first == ord("1")) & (second == ord("-")))
    hexadecimal = (seen & (_UPPER_HEX | _OTHER_LETTER)) == _UPPER_HEX
    has_digit = (seen & (_DIGIT | _ODD)) == _DIGIT
    good: Mask = usable & has_digit & ~hexadecimal & ~uniform & ~edge
    return good


def _at(places: NDArray[np.int32], octets: NDArray[np.uint8]) -> NDArray[np.int32]:
    """The places, kept within the bytes there are."""
    return np.clip(places, 0, len(octets) - 1)


def tidied(column: pa.StringArray, change: Callable[[str], str | None]) -> pa.StringArray:
    """The column with ``change`` applied to the ids that are not plain."""
    if column.null_count == len(column):
        return column
    odd = ~plain(column)
    if column.null_count:
        odd &= pc.is_valid(column).to_numpy(zero_copy_only=False)
    if not odd.any():
        return column
    index = np.flatnonzero(odd)
    changed = normalised(column.take(pa.array(index)), change, pa.string())
    place = np.arange(len(column))
    place[index] = len(column) + np.arange(len(index))
    return pa.concat_arrays([column, changed]).take(pa.array(place))
