"""Keeps short what Python itself makes everybody wait for while the process serves."""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

# Threads that answer senders wait this long for one that stitches: at Python's own 5 ms the 99th
# percentile of answers at full load was three times as high.
_SWITCH_S: Final = 0.0005

# An event trace of 1,000 spans makes 20,000 objects, none of them in a cycle: Python's own 700
# looks through them thirty times while they are made.
_NEW_OBJECTS: Final = 10_000


@contextmanager
def short_pauses() -> Iterator[None]:
    """For as long as the process serves; entered when everything it serves with is loaded.

    What is loaded stays until the end: looking through it for garbage stops every thread for
    80 ms, and an answer of a thousand spans brings that about every fifth time.
    """
    before = sys.getswitchinterval(), gc.get_threshold()
    sys.setswitchinterval(_SWITCH_S)
    gc.set_threshold(_NEW_OBJECTS, *before[1][1:])
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
        gc.set_threshold(*before[1])
        sys.setswitchinterval(before[0])
