"""The rows of simple event traces, in columns; of those that look alike the core is asked once."""

from collections.abc import Callable, Collection, Sequence
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from collector.derive.coding import (
    NONE,
    Coded,
    Ids,
    Numbers,
    Truths,
    appearances,
    firsts,
    lists,
    sizes,
)
from collector.derive.simple import Simple
from collector.model.stitching.facts import Fragment, Joint, Occurrence
from collector.model.stitching.keys import Kind
from collector.model.stitching.summary import EventRow
from collector.store.stitching_load import Loaded
from collector.store.stitching_save import EVENTS, PLACED

_CONFIDENCE: Final = 0.95  # of a message id at one place
_SUMS: Final = (
    "invocation_count", "cold_start_count", "phantom_count", "span_count", "error_count",
)  # fmt: skip
_ALIKE: Final = (
    "status", "root_function", "functions", "path", "shape_id", "hop_count", "retry_count",
    "duplicate_count", "queue_wait_ns", "confidence", "joint_kinds", "platform_only",
)  # fmt: skip
_MOST_CORRELATION_IDS: Final = 8
_LAST_ID: Final = np.uint64(2**64 - 1)

Summarise = Callable[[Sequence[Fragment], Sequence[Occurrence], Sequence[Joint]], EventRow]
Objects = Callable[[pa.Table, pa.Table], tuple[list[Fragment], list[Occurrence]]]


class SimpleEvents:
    """The simple components of what was loaded, numbered; each is named by its earliest fragment.

    ``order`` are the indexes of their fragments by component and time, from ``starts`` to ``ends``.
    ``new``: of each, whether nothing of its records was stored before, so that its name is its id.
    ``settled``: of each fragment loaded, whether it is of a new one, or what new deliveries share.
    """

    def __init__(self, loaded: Loaded, found: Simple) -> None:
        self._loaded, self._found = loaded, found
        self._ids: Ids = loaded.fragments["fragment_id"].to_numpy()
        self._times: Numbers = loaded.fragments["start_ns"].to_numpy()
        self.order = self._ordered()
        components = found.component[self.order]
        self.starts = firsts(components)
        self.ends = np.append(self.starts[1:], len(components))
        self.count = len(self.starts)
        self._owner = np.repeat(np.arange(self.count), self.ends - self.starts)
        self._component = components[self.starts]
        self.names = self._named()
        self._waits = _waits(found, len(self._ids))[self._component]
        made = np.asarray(loaded.fragments["made"].to_numpy(zero_copy_only=False))
        self.new = self._new(made)
        self.settled = found.simple & found.shared & made
        self.settled[self.order[self.new[self._owner]]] = True

    def _ordered(self) -> Numbers:
        """Fragments by component, start and text of their id."""
        found, times = self._found, self._times
        mine = np.flatnonzero(found.simple & ~found.shared)
        order = mine[np.lexsort((times[mine], found.component[mine]))]
        alike = (np.diff(found.component[order]) == 0) & (np.diff(times[order]) == 0)
        if alike.any():
            tied = np.flatnonzero(np.append(alike, np.False_) | np.append(np.False_, alike))
            rows = order[tied]
            texts = self._ids[rows].astype(str)
            order[tied] = rows[np.lexsort((texts, times[rows], found.component[rows]))]
        return order

    def _named(self) -> Ids:
        """The id of the fragment of each that began first; of several the smallest."""
        if not self.count:
            return np.zeros(0, np.uint64)
        times = self._times[self.order]
        begins = times == times[self.starts][self._owner]
        ids = np.where(begins, self._ids[self.order], _LAST_ID)
        return np.minimum.reduceat(ids, self.starts)

    def _new(self, made: Truths) -> Truths:
        heirs = (each for found in self._loaded.heirs.values() for each in found)
        former = np.fromiter((*self._loaded.events, *heirs), np.uint64)
        fresh = made & ~np.isin(self._ids, former)
        new = np.ones(self.count, bool)
        new[self._owner[~fresh[self.order]]] = False
        return new

    def groups(self) -> dict[Any, list[Any]]:
        """The fragments of each that is not new, by its name."""
        ids = self._ids[self.order].tolist()
        old = np.flatnonzero(~self.new)
        return {
            name: ids[start:end]
            for name, start, end in zip(
                *(each[old].tolist() for each in (self.names, self.starts, self.ends)), strict=True
            )
        }

    def placed(self) -> pa.Table:
        """Where the settled fragments are; what deliveries share is in no event trace."""
        of_new = self.new[self._owner]
        shared = np.flatnonzero(self.settled & self._found.shared)
        events = pa.array(self.names[self._owner[of_new]])
        return pa.table(
            [
                np.concatenate((self._ids[self.order[of_new]], self._ids[shared])),
                pa.concat_arrays([events, pa.nulls(len(shared), pa.uint64())]),
            ],
            schema=PLACED,
        )

    def new_rows(self, run: int, summarise: Summarise, objects: Objects) -> pa.Table:
        """The rows of the new ones, as ``Changes.events``."""
        wanted = np.flatnonzero(self.new)
        runs = np.full(len(wanted), run)
        return self._rows(wanted, (self.names[wanted], runs, runs), run, summarise, objects)

    def old_rows(
        self,
        wanted: Collection[Any],
        known: Callable[[Any], tuple[int, int, int]],
        run: int,
        summarise: Summarise,
        objects: Objects,
    ) -> pa.Table:
        """The rows of those named that are not new; ``known``: id, created_seq and first_run."""
        number = dict(zip(self.names.tolist(), range(self.count), strict=True)) if wanted else {}
        told = [known(each) for each in wanted]
        ids, created, first = zip(*told, strict=True) if told else ((), (), ())
        return self._rows(
            np.array([number[each] for each in wanted], np.int64),
            (np.array(ids, np.uint64), np.array(created, np.int64), np.array(first, np.int64)),
            run,
            summarise,
            objects,
        )

    def _rows(
        self,
        wanted: Numbers,
        known: tuple[Ids, Numbers, Numbers],
        run: int,
        summarise: Summarise,
        objects: Objects,
    ) -> pa.Table:
        if not len(wanted):
            return EVENTS.empty_table()
        look, alike = self._looks(wanted, summarise, objects)
        waits = self._waits[wanted]
        columns: dict[str, Any] = {
            name: alike[name].take(pa.array(look)) for name in alike.column_names
        }
        queue_wait = pc.if_else(pa.array(waits >= 0), pa.array(waits), columns["queue_wait_ns"])
        sums = {name: self._reduced(name, np.add)[wanted] for name in _SUMS}
        columns |= {
            "event_trace_id": known[0],
            "created_seq": known[1],
            "start_ns": self._times[self.order[self.starts[wanted]]],
            "end_ns": self._reduced("end_ns", np.maximum)[wanted],
            "trace_ids": self._trace_ids().take(pa.array(wanted)),
            "correlation_ids": self._correlation_ids().take(pa.array(wanted)),
            "queue_wait_ns": queue_wait,
            "first_run": known[2],
            "run": np.full(len(wanted), run),
        }
        return (
            pa.table(
                {
                    name: pa.array(each) if isinstance(each, np.ndarray) else each
                    for name, each in (columns | sums).items()
                }
            )
            .select(EVENTS.names)
            .cast(EVENTS)
        )

    def _reduced(self, name: str, how: np.ufunc) -> Numbers:
        """A column over the fragments of each component."""
        column = self._loaded.fragments[name].to_numpy()[self.order].astype(np.int64)
        reduced: Numbers = how.reduceat(column, self.starts)
        return reduced

    def _trace_ids(self) -> pa.Array:
        traces = Coded.of(self._loaded.fragments["trace_id"]).at(self.order)
        seen = appearances(self._owner, traces.code)
        return lists(self._owner[seen], self.count, traces.at(seen).column())

    def _correlation_ids(self) -> pa.Array:
        """In order of appearance, the first few."""
        ids = self._loaded.fragments["correlation_ids"].combine_chunks().take(pa.array(self.order))
        owner = self._owner[np.asarray(pc.list_parent_indices(ids))]
        said = Coded.of(pc.list_flatten(ids))
        seen = appearances(owner, said.code)
        first = firsts(owner[seen])
        count = sizes(first, len(seen))
        kept = seen[np.arange(len(seen)) - np.repeat(first, count) < _MOST_CORRELATION_IDS]
        return lists(owner[kept], self.count, said.at(kept).column())

    def _looks(
        self, wanted: Numbers, summarise: Summarise, objects: Objects
    ) -> tuple[Numbers, pa.Table]:
        """The number of each one's look, and what the core says of one event trace of each look."""
        looks = self._found.looks[self.order].tobytes()
        size = self._found.looks.itemsize
        number: dict[tuple[bytes, int, bool], int] = {}
        first: list[int] = []
        of: list[int] = []
        for row, start, end, pairs, waits in zip(
            wanted.tolist(),
            (self.starts[wanted] * size).tolist(),
            (self.ends[wanted] * size).tolist(),
            self._found.pairs[self._component[wanted]].tolist(),
            (self._waits[wanted] >= 0).tolist(),
            strict=True,
        ):
            look = number.setdefault((looks[start:end], pairs, waits), len(number))
            if look == len(first):
                first.append(row)
            of.append(look)
        return np.array(of, np.int64), self._summaries(first, summarise, objects)

    def _summaries(self, first: list[int], summarise: Summarise, objects: Objects) -> pa.Table:
        chosen = [self.order[self.starts[each] : self.ends[each]] for each in first]
        rows = np.concatenate(chosen)
        fragments, occurrences = objects(
            self._loaded.fragments.take(pa.array(rows)), self._keys_of(self._ids[rows])
        )
        by_id = {each.fragment_id: each for each in fragments}
        held: dict[Any, list[Occurrence]] = {}
        for each in occurrences:
            held.setdefault(each.fragment_id, []).append(each)
        found = []
        for event, members in zip(first, chosen, strict=True):
            ids = self._ids[members].tolist()
            joint = Joint(ids[0], ids[-1], Kind.MESSAGE, 0, _CONFIDENCE, exact=True)
            said = [one for each in ids for one in held.get(each, ())]
            joints = [joint] * int(self._found.pairs[self._component[event]])
            found.append(summarise([by_id[each] for each in ids], said, joints))
        return pa.table(
            {
                name: pa.array([getattr(row, name) for row in found], EVENTS.field(name).type)
                for name in _ALIKE
            }
        )

    def _keys_of(self, ids: NDArray[Any]) -> pa.Table:
        of = self._loaded.keys["fragment_id"].to_numpy()
        return self._loaded.keys.filter(pa.array(np.isin(of, ids)))


def _waits(found: Simple, count: int) -> Numbers:
    """Time in which something sent was not yet taken, overlaps counted once, by component.

    NONE where nothing was sent. Those of a component lie together, in order of time: the first of
    each is added for all at once, then the second.
    """
    component, sent, taken = found.waits.T
    total = np.full(count, NONE)
    reached = np.zeros(count, np.int64)
    first = firsts(component)
    ends = np.append(first[1:], len(component))
    total[component[first]] = 0
    reached[component[first]] = sent[first]
    row, end = first, ends
    while len(row):
        of = component[row]
        total[of] += np.maximum(0, taken[row] - np.maximum(sent[row], reached[of]))
        reached[of] = np.maximum(reached[of], taken[row])
        left = row + 1 < end
        row, end = row[left] + 1, end[left]
    return total
