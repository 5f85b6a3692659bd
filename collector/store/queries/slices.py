"""Reads a window from its newest end in slices that widen until enough is found.

Tables lie in order of time, so a slice reads only its own row groups. Where matches are common
one narrow slice answers; where they are rare the last slice is the whole window, and the narrower
ones before it add an eighth to its cost.
"""

from collections.abc import Iterator
from typing import Final

from collector.model.window import NS_PER_S

_FIRST_NS: Final = 60 * NS_PER_S
_WIDEN: Final = 8


def slice_starts(since_ns: int, before_ns: int) -> Iterator[int]:
    """Where each slice that ends at ``before_ns`` starts; the last one is ``since_ns``."""
    width_ns = max(_FIRST_NS, (before_ns - since_ns) // _WIDEN**3)
    while before_ns - width_ns > since_ns:
        yield before_ns - width_ns
        width_ns *= _WIDEN
    yield since_ns
