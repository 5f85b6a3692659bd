"""Protobuf messages behind a varint length each, back to back, as Java's writeDelimitedTo has them.

A CloudWatch metric stream packs as many as fit into one Firehose record, of different lengths.
Source: protobuf's parseDelimitedFrom; Amazon CloudWatch user guide, metric stream output formats.
"""

from collections.abc import Iterator
from typing import Final

from collector.errors import Malformed

_MOST_SHIFT: Final = 28  # a length has at most 32 bits: five groups of seven


def read_delimited(data: bytes) -> Iterator[bytes]:
    """The messages in order, up to the end or to the first length that cannot be.

    Raises:
        Malformed: a length is cut short, too large, or more than what is left; all messages
            before it have been given by then.
    """
    position = 0
    while position < len(data):
        size, start = _length(data, position)
        if size > len(data) - start:
            raise Malformed(f"a message of {size} bytes at byte {position} is cut short")
        position = start + size
        yield data[start:position]


def _length(data: bytes, position: int) -> tuple[int, int]:
    """The varint at a position, and where what it measures begins."""
    value = shift = 0
    for index in range(position, len(data)):
        value |= (data[index] & 0x7F) << shift
        if data[index] < 0x80:
            return value, index + 1
        shift += 7
        if shift > _MOST_SHIFT:
            raise Malformed(f"the length at byte {position} is none")
    raise Malformed(f"the length at byte {position} is cut short")
