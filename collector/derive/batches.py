"""Which deliveries share the spans of one batch, in columns."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from collector.derive.coding import Numbers, Truths, sizes
from collector.store.stitching_load import Loaded


@dataclass(frozen=True, slots=True)
class Batches:
    """Pairs of a ``delivery`` and what it shares with others, both indexes of fragments.

    ``shared_by``, of each pair: how many deliveries share that, 0 where not all are known.
    """

    delivery: Numbers
    shared: Numbers
    shared_by: Numbers

    @classmethod
    def of(cls, loaded: Loaded, ordered: NDArray[Any], order: Numbers) -> "Batches":
        """Those of which both are loaded; ``ordered`` are the ids in the ``order`` given."""
        column = loaded.fragments["shared_id"]
        delivery = np.flatnonzero(np.asarray(pc.is_valid(column).combine_chunks()))
        names = np.asarray(pc.drop_null(column).to_numpy())
        place = np.minimum(np.searchsorted(ordered, names), max(len(ordered) - 1, 0))
        here = ordered[place] == names
        shared = order[place[here]]
        counts = np.asarray(loaded.fragments["shared_by"].to_numpy()).astype(np.int64)
        return cls(delivery[here], shared, counts[shared])

    def of_one(self, component: Numbers) -> Numbers:
        """Deliveries whose whole batch lies in one component: what it shares is of that event."""
        if not len(self.shared):
            return self.delivery
        order = np.argsort(self.shared, kind="stable")
        first = np.flatnonzero(np.diff(self.shared[order], prepend=-1))
        lies_in = component[self.delivery[order]]
        alike = np.minimum.reduceat(lies_in, first) == np.maximum.reduceat(lies_in, first)
        count = sizes(first, len(order))
        whole = alike & (count == self.shared_by[order][first])
        found: Numbers = self.delivery[order][np.repeat(whole, count)]
        return found

    def of_any(self, bad: Truths) -> Numbers:
        """Deliveries of batches of which what they share is bad."""
        return self.delivery[bad[self.shared]]
