"""Refuses bodies that are mostly tiny elements: a few bytes on the wire, a row of hundreds here.

An empty log record takes 2 bytes of a body and about 300 of memory once it is a row, so that a
body within the size limit could ask for gigabytes.
"""

from typing import Final

import numpy as np

from collector.errors import TooLarge

# 64 MiB of usual telemetry hold 1 to 1.5 million elements this small, names and values included;
# of single spans in requests of their own, joined to one, 4.3 million.
_TINY_BYTES: Final = 8
_MOST_TINY: Final = 5_000_000
_PIECE_BYTES: Final = 2**20

# A body cannot hold more elements than half its bytes: smaller ones need no look.
LOOK_BYTES: Final = 2 * _MOST_TINY


def check_density(body: bytes) -> None:
    """Counts what looks like a tag and a length of at most 8 bytes; text hardly ever does.

    Costs about 2 ns a byte; only for bodies of at least ``LOOK_BYTES``.

    Raises:
        TooLarge: there are more than 5 million.
    """
    octets = np.frombuffer(body, np.uint8)
    tiny = 0
    for start in range(0, len(octets) - 1, _PIECE_BYTES):
        piece = octets[start : start + _PIECE_BYTES + 1]
        delimited = (piece[:-1] & 7) == 2
        tiny += int(np.count_nonzero(delimited & (piece[1:] <= _TINY_BYTES)))
        if tiny > _MOST_TINY:
            raise TooLarge(
                f"the request holds more than {_MOST_TINY:,} elements of a few bytes each: "
                "send fewer records in one request"
            )
