"""How many invocations of a function go on at a time, at most."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]


def most_at_a_time(columns: Mapping[str, Any]) -> dict[str, int]:
    """By function, from the columns ``function``, ``start_ns`` and ``end_ns`` of invocations.

    One that begins as another ends goes on beside it: clocks are not that exact.
    """
    names = sorted(set(columns["function"]))
    places = {name: place for place, name in enumerate(names)}
    count = len(columns["function"])
    if not count:
        return {}
    function = np.fromiter(map(places.__getitem__, columns["function"]), np.int64, count)
    begin = np.ones(count, np.int64)
    of = np.concatenate((function, function))
    at_ns = np.concatenate((columns["start_ns"], columns["end_ns"]))
    more = np.concatenate((begin, -begin))
    order = np.lexsort((-more, at_ns, of))
    running: Numbers = np.cumsum(more[order])  # comes back to 0 where a function ends
    firsts = np.flatnonzero(np.diff(of[order], prepend=-1))
    most: list[int] = np.maximum.reduceat(running, firsts).tolist()
    return dict(zip(names, most, strict=True))
