"""Keys found in the records of a group, put together into one list per record."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from collector.columns import KEYS
from collector.decode.record_keys import MOST_KEYS, ONCE
from collector.decode.records import Ids, bitmap
from collector.model.stitching.keys import Letter

FAMILY_PREFIX: Final = 3  # the letter and two of family
_MAY_REPEAT: Final = [ord(each) for each in (Letter.MESSAGE, Letter.CORRELATION, Letter.TRACE)]
_HEX: Final = np.frombuffer(b"0123456789abcdef", np.uint8)


@dataclass(frozen=True, slots=True)
class Found:
    """Keys and the record each belongs to."""

    owner: NDArray[np.int64]
    texts: pa.StringArray


@dataclass(frozen=True, slots=True)
class Held:
    """What the columns of the records hold already, so that keys do not repeat it."""

    message_id: pa.StringArray | None = None
    correlation_id: pa.StringArray | None = None
    family: pa.StringArray | None = None  # null: the usual one
    trace_ids: Ids | None = None


def merged(sources: Sequence[Found], held: Held, size: int) -> pa.ListArray:
    """One list per record, null for none, in the order of the sources.

    No key twice, none that a column says already, not more than 32 of them.
    """
    if not sources:
        return pa.nulls(size, KEYS)
    found = sources[0]
    if len(sources) > 1:
        owner = np.concatenate([each.owner for each in sources])
        order = np.argsort(owner, kind="stable")
        texts = pa.concat_arrays([each.texts for each in sources]).take(pa.array(order))
        found = Found(owner[order], texts)
    return _lists(_without_held(found, held), size)


def first_bytes(texts: pa.StringArray) -> NDArray[np.uint8]:
    """The letters of keys, none of which is empty."""
    starts = np.frombuffer(texts.buffers()[1], np.int32, count=len(texts) + 1)[:-1]
    return np.frombuffer(texts.buffers()[2], np.uint8)[starts]


def _without_held(found: Found, held: Held) -> Found:
    """Without what the message_id, correlation_id or trace_id of the record says already."""
    if not len(found.owner):
        return found
    letters = first_bytes(found.texts)
    present = np.zeros(256, np.bool_)
    present[letters] = True
    if not present[_MAY_REPEAT].any():
        return found
    repeats = np.zeros(len(letters), np.bool_)
    for letter, skip, column in (
        (Letter.MESSAGE, 1, held.message_id),
        (Letter.CORRELATION, FAMILY_PREFIX, held.correlation_id),
    ):
        index = np.flatnonzero(letters == ord(letter))
        if column is not None and index.size:
            values = pc.utf8_slice_codeunits(found.texts.take(pa.array(index)), skip)
            own = column.take(pa.array(found.owner[index]))
            same = pc.fill_null(pc.equal(values, own), False)
            repeats[index] = same.to_numpy(zero_copy_only=False)
    index = np.flatnonzero(letters == ord(Letter.TRACE))
    if held.trace_ids is not None and index.size:
        own = _trace_keys(held.trace_ids, found.owner[index])
        same = pc.equal(found.texts.take(pa.array(index)), own)
        repeats[index] = same.to_numpy(zero_copy_only=False)
    if not repeats.any():
        return found
    good = ~repeats
    return Found(found.owner[good], found.texts.filter(pa.array(good)))


def _trace_keys(trace_ids: Ids, owner: NDArray[np.int64]) -> pa.StringArray:
    """The key of each record's own trace; zeros where it has none."""
    rows = trace_ids.rows[owner]
    texts = np.empty((len(rows), 33), np.uint8)
    texts[:, 0] = ord(Letter.TRACE)
    texts[:, 1::2] = _HEX[rows >> 4]
    texts[:, 2::2] = _HEX[rows & 15]
    offsets = np.arange(len(rows) + 1, dtype=np.int32) * 33
    return pa.StringArray.from_buffers(len(rows), pa.py_buffer(offsets), pa.py_buffer(texts))


def _lists(found: Found, size: int) -> pa.ListArray:
    """One list per record, null for none: no key twice, not more than 32 of them."""
    if not len(found.owner):
        return pa.nulls(size, KEYS)
    counts = np.bincount(found.owner, minlength=size)
    if counts.max() > 1:
        found = _at_most(_once(found))
        counts = np.bincount(found.owner, minlength=size)
    offsets = np.zeros(size + 1, np.int32)
    np.cumsum(counts, out=offsets[1:])
    valid = counts > 0
    validity = None if valid.all() else bitmap(valid)
    return pa.Array.from_buffers(
        KEYS, size, [validity, pa.py_buffer(offsets)], children=[found.texts]
    )


def _once(found: Found) -> Found:
    """Each key once a record; of letters that say one thing about a record, the first."""
    codes = pc.dictionary_encode(found.texts).indices.to_numpy().astype(np.int64)
    letters = first_bytes(found.texts)
    single = np.isin(letters, ONCE)
    codes[single] = len(codes) + letters[single].astype(np.int64)
    pair = found.owner * (len(codes) + 256) + codes
    _, first = np.unique(pair, return_index=True)
    if len(first) == len(pair):
        return found
    first.sort()
    return Found(found.owner[first], found.texts.take(pa.array(first)))


def _at_most(found: Found) -> Found:
    """The first 32 keys of each record."""
    starts = np.searchsorted(found.owner, found.owner)
    good = np.arange(len(found.owner)) - starts < MOST_KEYS
    if good.all():
        return found
    return Found(found.owner[good], found.texts.filter(pa.array(good)))
