"""Columns of ids, times and enums, each with what makes a value of it unusable."""

from typing import Final, TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from collector.columns import TRACE_ID

Mask: TypeAlias = NDArray[np.bool_]

# 2000-01-01 and 2200-01-01: a clock outside is wrong, and would spoil pruning by time.
EARLIEST_NS: Final = 946_684_800_000_000_000
LATEST_NS: Final = 7_258_118_400_000_000_000

ZERO_TRACE_ID: Final = bytes(16)
ZERO_SPAN_ID: Final = bytes(8)


def lengths(binary: pa.BinaryArray) -> NDArray[np.int32]:
    """Bytes of each value of a binary column without offset, as ptars gives them."""
    ends = np.frombuffer(binary.buffers()[1], np.int32, count=len(binary) + 1)
    return ends[1:] - ends[:-1]


def _rows(binary: pa.BinaryArray, width: int, whole: Mask) -> NDArray[np.uint8]:
    """n rows of ``width`` bytes; zeros where the value has another length."""
    data = binary.buffers()[2]
    rows = np.zeros((len(binary), width), np.uint8)
    if data is None:
        return rows
    if whole.all():
        return np.frombuffer(data, np.uint8, count=rows.size).reshape(rows.shape)
    starts = np.frombuffer(binary.buffers()[1], np.int32, count=len(binary))[whole]
    rows[whole] = np.frombuffer(data, np.uint8)[starts[:, None] + np.arange(width)]
    return rows


class Ids:
    """A column of ids: the usable ones, and which of them are absent or wrong."""

    def __init__(self, binary: pa.BinaryArray, width: int) -> None:
        size = lengths(binary)
        whole = size == width
        self.rows = _rows(binary, width, whole)
        words = self.rows.view(np.uint64).reshape(len(binary), width // 8)
        self.usable: Mask = whole & (words != 0).any(axis=1)
        self.wrong_length: Mask = ~whole & (size != 0)

    def put(self, row: int, value: bytes) -> None:
        """Sets one id, which is usable."""
        if not self.rows.flags.writeable:
            self.rows = self.rows.copy()
        self.rows[row] = np.frombuffer(value, np.uint8)
        self.usable[row] = True

    def spans(self) -> pa.UInt64Array:
        """Span ids as numbers, null where not usable."""
        numbers = self.rows.view(">u8").reshape(-1).astype(np.uint64)
        return pa.array(numbers, mask=None if self.usable.all() else ~self.usable)

    def traces(self) -> pa.Array:
        """Trace ids as UUIDs, null where not usable."""
        valid = None if self.usable.all() else bitmap(self.usable)
        return pa.ExtensionArray.from_storage(
            TRACE_ID,
            pa.FixedSizeBinaryArray.from_buffers(
                pa.binary(16), len(self.usable), [valid, pa.py_buffer(self.rows)]
            ),
        )


def bitmap(mask: Mask) -> pa.Buffer:
    return pa.py_buffer(np.packbits(mask, bitorder="little"))


def in_range(time_ns: NDArray[np.uint64]) -> Mask:
    return (time_ns >= EARLIEST_NS) & (time_ns < LATEST_NS)


def times(time_ns: NDArray[np.uint64]) -> pa.Int64Array:
    """Times as they are stored; null where absent or outside the range a clock can be trusted."""
    return nullable(time_ns.view(np.int64), in_range(time_ns))


def nullable(values: NDArray[np.generic], valid: Mask) -> pa.Array:
    """An Arrow column, null where not valid."""
    return pa.array(values, mask=None if valid.all() else ~valid)


def enumeration(numbers: pa.Int32Array, size: int) -> pa.Int8Array:
    """A protobuf enum of ``size`` values; a number that is none of them is 0, unspecified."""
    values = numbers.to_numpy()
    return pa.array(np.where((values >= 0) & (values < size), values, 0).astype(np.int8))
