"""Columns of ids in the form in which ids are compared, without reading each of them in Python.

Nearly all ids are plain: letters, digits and a few signs, of usual length, hex in lower case.
A table over the 256 bytes says so for a whole column; only the others are read one by one.
"""

from collections.abc import Callable
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from collector.decode.attributes import is_valid, normalised
from collector.decode.records import Mask
from collector.model.stitching.keys import is_worthless

_DIGIT, _UPPER_HEX, _OTHER_LETTER, _ODD = 1, 2, 4, 8
_UPPER: Final = 26
_DIGITS: Final = 10
SHORTEST_PLAIN: Final = 6
LONGEST_PLAIN: Final = 128


def _classes() -> bytes:
    classes = bytearray([_ODD] * 256)
    for letters, kind in (
        (b"-abcdef", 0),
        (b"0123456789", _DIGIT),
        (b"ABCDEF", _UPPER_HEX),
        (b"ghijklmnopqrstuvwxyzGHIJKLMNOPQRSTUVWXYZ_.:/#+@~$", _OTHER_LETTER),
    ):
        for letter in letters:
            classes[letter] = kind
    return bytes(classes)


_CLASSES: Final = _classes()


def plain(texts: pa.StringArray) -> Mask:
    """Which texts are ids that need no change and cannot be worthless; the others may be too.

    A plain one has 6 to 128 characters and a digit, nothing around it, upper-case hex letters
    only beside other letters, and is no X-Ray trace id. About 30 ns a text; what begins and ends
    alike is asked whether it repeats one character.
    """
    octets, starts = _bytes_of(texts)
    size = np.diff(starts)
    usual: Mask = (size >= SHORTEST_PLAIN) & (size <= LONGEST_PLAIN)
    if not usual.all():
        index = np.flatnonzero(usual)
        if index.size:
            usual[index] = plain(texts.take(pa.array(index)))
        return usual
    if not len(texts):
        return usual
    begins = starts[:-1]
    first, second, last = octets[begins], octets[begins + 1], octets[starts[1:] - 1]
    uniform = (first == last) & ((second == first) | (second < ord("/")))
    if uniform.any():
        third = octets[begins + 2]
        uniform &= (third == first) | (third < ord("/"))
    if uniform.any():
        index = np.flatnonzero(uniform)
        uniform[index] = list(map(is_worthless, texts.take(pa.array(index)).to_pylist()))
    edge = (first < ord("/")) | (last < ord("/")) | ((first == ord("1")) & (second == ord("-")))
    good: Mask = ~(uniform | edge)
    if not (_are_low(octets) and ((last - ord("0")) < _DIGITS).all()):
        classes = np.frombuffer(octets.tobytes().translate(_CLASSES), np.uint8)
        seen = np.bitwise_or.reduceat(classes, begins)
        good &= (seen & (_DIGIT | _ODD)) == _DIGIT
        good &= (seen & (_UPPER_HEX | _OTHER_LETTER)) != _UPPER_HEX
    return good


def _are_low(octets: NDArray[np.uint8]) -> bool:
    """Whether all bytes are digits, lower-case letters and signs between them, no brackets."""
    high, low = octets.max(), octets.min()
    if low < ord("-") or high > ord("z"):
        return False
    return bool(high <= ord("9") or not ((octets - ord(";")) < ord("`") - ord(";")).any())


def _bytes_of(texts: pa.StringArray) -> tuple[NDArray[np.uint8], NDArray[np.int32]]:
    """The bytes of all texts in a row, and where in them each begins and the last ends."""
    offsets, data = texts.buffers()[1:]
    starts = np.frombuffer(offsets, np.int32, count=len(texts) + 1 + texts.offset)[texts.offset :]
    if data is None:
        return np.zeros(0, np.uint8), starts
    return np.frombuffer(data, np.uint8)[starts[0] : starts[-1]], starts - starts[0]


def _is_tidy(column: pa.StringArray) -> bool:
    """True when no text can need a change: a look at all bytes at once, 4 ns a UUID.

    What ``tidy_id`` takes away and what makes up an array is below the dash; an X-Ray id begins
    with a one and a dash, or has upper-case letters before it.
    """
    octets, starts = _bytes_of(column)
    if not octets.size:
        return True
    size = np.diff(starts)
    if octets.min() < ord("-") or ((octets - ord("A")) < _UPPER).any():
        return False
    if size.max() > LONGEST_PLAIN:
        return False
    begins = starts[:-1] if size.min() > 1 else starts[:-1][size > 1]
    first, second = octets[begins], octets[begins + 1]
    return not ((first == ord("[")) | ((first == ord("1")) & (second == ord("-")))).any()


def tidied(column: pa.StringArray, change: Callable[[str], str | None]) -> pa.StringArray:
    """The column with ``change`` applied to the ids that are not plain."""
    if column.null_count == len(column) or _is_tidy(column):
        return column
    odd = ~plain(column)
    if column.null_count:
        odd &= is_valid(column)
    if not odd.any():
        return column
    index = np.flatnonzero(odd)
    changed = normalised(column.take(pa.array(index)), change, pa.string())
    place = np.arange(len(column))
    place[index] = len(column) + np.arange(len(index))
    return pa.concat_arrays([column, changed]).take(pa.array(place))
