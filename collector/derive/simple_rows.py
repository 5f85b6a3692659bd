"""The rows of simple event traces: what all of one look share is asked of the core once."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from collector.derive.simple import Simple
from collector.model.stitching.facts import Fragment, Joint, Occurrence
from collector.model.stitching.keys import Kind
from collector.model.stitching.summary import EventRow
from collector.store.stitching_load import Loaded

_CONFIDENCE: Final = 0.95  # of a message id at one place
_SUMS: Final = (
    "invocation_count", "cold_start_count", "phantom_count", "span_count", "error_count",
)  # fmt: skip
_MOST_CORRELATION_IDS: Final = 8

Summarise = Callable[[Sequence[Fragment], Sequence[Occurrence], Sequence[Joint]], EventRow]
Objects = Callable[[pa.Table, pa.Table], tuple[list[Fragment], list[Occurrence]]]


@dataclass(frozen=True, slots=True)
class _Spread:
    """The fragments of one component in order of time: ``order[start:end]``."""

    number: int
    component: int
    start: int
    end: int


class SimpleEvents:
    """The simple components of what was loaded; ``groups`` as ``Stitched.events``."""

    def __init__(self, loaded: Loaded, found: Simple) -> None:
        self._loaded, self._found = loaded, found
        self._ids = loaded.fragments["fragment_id"].to_numpy()
        self._starts = loaded.fragments["start_ns"].to_numpy()
        mine = np.flatnonzero(found.simple & ~found.shared)
        texts = self._ids[mine].astype(str)
        order = np.lexsort((texts, self._starts[mine], found.component[mine]))
        self._order = mine[order]
        components = found.component[self._order]
        edges = np.flatnonzero(np.diff(components, prepend=-1, append=-1))
        self._spreads = [
            _Spread(number, component, start, end)
            for number, (component, (start, end)) in enumerate(
                zip(components[edges[:-1]].tolist(), pairwise(edges.tolist()), strict=True)
            )
        ]
        self._waits = _waits(found)
        self.groups: dict[Any, list[Any]] = {}
        self.event_of: dict[Any, Any] = {}
        self._spread_of: dict[Any, _Spread] = {}
        names = self._ids[self._order].tolist()
        times = self._starts[self._order].tolist()
        for each in self._spreads:
            members = names[each.start : each.end]
            first = min(zip(times[each.start : each.end], members, strict=True))[1]
            self.groups[first] = members
            self._spread_of[first] = each
            self.event_of.update(dict.fromkeys(members, first))

    def rows(
        self, wanted: Collection[Any], summarise: Summarise, objects: Objects
    ) -> dict[Any, EventRow]:
        """The summary of each wanted group."""
        spreads = {group: self._spread_of[group] for group in wanted}
        looks = {group: self._look(each) for group, each in spreads.items()}
        first = {look: spreads[group] for group, look in looks.items()}
        known = self._summaries(first, summarise, objects)
        fragments = self._loaded.fragments
        traces, values = fragments["trace_id"].to_pylist(), fragments["correlation_ids"].to_pylist()
        ends = self._reduced("end_ns", np.maximum)
        sums = {name: self._reduced(name, np.add) for name in _SUMS}
        order, starts = self._order.tolist(), self._starts[self._order].tolist()
        rows = {}
        for group, each in spreads.items():
            members = order[each.start : each.end]
            said = dict.fromkeys(text for one in members for text in values[one] or ())
            row = known[looks[group]]
            rows[group] = EventRow(
                start_ns=starts[each.start],
                end_ns=ends[each.number],
                status=row.status,
                root_function=row.root_function,
                functions=row.functions,
                path=row.path,
                shape_id=row.shape_id,
                trace_ids=tuple(dict.fromkeys([traces[one] for one in members])),
                correlation_ids=tuple(said)[:_MOST_CORRELATION_IDS],
                invocation_count=sums["invocation_count"][each.number],
                hop_count=row.hop_count,
                retry_count=row.retry_count,
                duplicate_count=row.duplicate_count,
                cold_start_count=sums["cold_start_count"][each.number],
                queue_wait_ns=self._waits.get(each.component, row.queue_wait_ns),
                phantom_count=sums["phantom_count"][each.number],
                span_count=sums["span_count"][each.number],
                error_count=sums["error_count"][each.number],
                confidence=row.confidence,
                joint_kinds=row.joint_kinds,
            )
        return rows

    def _reduced(self, name: str, how: np.ufunc) -> list[int]:
        """A column over the fragments of each component."""
        if not self._spreads:
            return []
        column = self._loaded.fragments[name].to_numpy()[self._order].astype(np.int64)
        reduced: list[int] = how.reduceat(column, [each.start for each in self._spreads]).tolist()
        return reduced

    def _look(self, each: _Spread) -> tuple[int, bool, bytes]:
        members = self._order[each.start : each.end]
        waits = each.component in self._waits
        return int(self._found.pairs[each.component]), waits, self._found.looks[members].tobytes()

    def _summaries(
        self,
        first: Mapping[tuple[int, bool, bytes], _Spread],
        summarise: Summarise,
        objects: Objects,
    ) -> dict[tuple[int, bool, bytes], EventRow]:
        """Asks the core of one event trace of each look."""
        chosen = [self._order[each.start : each.end] for each in first.values()]
        rows = np.concatenate(chosen) if chosen else np.array([], np.int64)
        fragments, occurrences = objects(
            self._loaded.fragments.take(pa.array(rows)), self._keys_of(self._ids[rows])
        )
        by_id = {each.fragment_id: each for each in fragments}
        held: dict[Any, list[Occurrence]] = {}
        for each in occurrences:
            held.setdefault(each.fragment_id, []).append(each)
        found = {}
        for look, members in zip(first, chosen, strict=True):
            ids = self._ids[members].tolist()
            joint = Joint(ids[0], ids[-1], Kind.MESSAGE, 0, _CONFIDENCE, exact=True)
            said = [one for each in ids for one in held.get(each, ())]
            found[look] = summarise([by_id[each] for each in ids], said, [joint] * look[0])
        return found

    def _keys_of(self, ids: NDArray[Any]) -> pa.Table:
        of = self._loaded.keys["fragment_id"].to_numpy()
        return self._loaded.keys.filter(pa.array(np.isin(of, ids)))


def _waits(found: Simple) -> dict[int, int]:
    """Time in which something sent was not yet taken, overlaps counted once, by component."""
    total: dict[int, int] = {}
    reached: dict[int, int] = {}
    for component, sent, taken in found.waits.tolist():
        since = reached.setdefault(component, sent)
        total[component] = total.get(component, 0) + max(0, taken - max(sent, since))
        reached[component] = max(since, taken)
    return total
