"""The spans of what a run makes anew, in columns, each with what its parent tells."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from collector.derive.coding import (
    NO_TIME,
    NONE,
    Coded,
    Ids,
    Numbers,
    Truths,
    ids,
    numbers,
    truths,
    valid,
)
from collector.model.stitching.mentions import CONSUMER, SERVER
from collector.store.stitching_facts import Records

# Odd: no two traces of a run share their multiple of it.
_SPREAD: Final = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True, slots=True)
class Spans:
    """Columns of the spans, a row each.

    ``end_ns`` is NO_TIME where there is no end, ``until_ns`` its start there. ``lost_parent``: it
    names one that is not there; ``twice``: another span of its trace may have its id;
    ``parent_later``: its parent began after it; ``elsewhere``: its parent is of another function
    and resource.
    ``handles``: SERVER or CONSUMER. ``attempt`` is 0 where none is stated. ``mixed``: see _mixed().
    """

    trace: Numbers
    span_id: Ids
    parent_id: Ids
    name: Coded
    kind: Numbers
    start_ns: Numbers
    end_ns: Numbers
    until_ns: Numbers
    failed: Truths
    handles: Truths
    function: Coded
    attempt: Numbers
    family: Coded
    names_parent: Truths
    has_parent: Truths
    lost_parent: Truths
    parent_later: Truths
    elsewhere: Truths
    twice: Truths
    mixed: pa.Array

    def rows_of(self, trace: Numbers, span_id: Ids) -> Numbers:
        """The rows of spans, NONE where there are none; of spans that are ``twice`` any or none."""
        return _rows_of(self.mixed, self.trace, self.span_id, trace, span_id)

    @classmethod
    def of(cls, records: Records, function: Coded, family: Coded) -> "Spans":
        """``function`` and ``family``: of the spans, with numbers that others share."""
        table = records.spans
        trace, span_id = numbers(table["trace"]), ids(table["span_id"])
        names_one, parent_id = valid(table["parent_span_id"]), ids(table["parent_span_id"])
        mixed = pa.array(_mixed(trace, span_id))
        first = np.asarray(pc.index_in(mixed, value_set=mixed)).astype(np.int64)
        twice = first != np.arange(len(first))
        twice[first[twice]] = True
        parent = _rows_of(mixed, trace, span_id, trace, parent_id)
        parent = np.where(names_one & (parent_id != span_id), parent, NONE)
        has_parent = parent >= 0
        above = np.where(has_parent, parent, 0)
        kind, start = numbers(table["kind"]), numbers(table["start_ns"])
        end = numbers(table["end_ns"], NO_TIME)
        resource = ids(table["resource_id"])
        of_one = valid(table["resource_id"])
        same_resource = of_one & of_one[above] & (resource[above] == resource)
        later = (start[above] > start) | ((start[above] == start) & (span_id[above] > span_id))
        return cls(
            trace=trace,
            span_id=span_id,
            parent_id=parent_id,
            name=Coded.of(table["name"]),
            kind=kind,
            start_ns=start,
            end_ns=end,
            until_ns=np.maximum(start, end),
            failed=truths(table["failed"]),
            handles=(kind == SERVER) | (kind == CONSUMER),
            function=function,
            attempt=numbers(table["attempt"]),
            family=family,
            names_parent=names_one,
            has_parent=has_parent,
            lost_parent=names_one & ~has_parent & (parent_id != span_id),
            parent_later=has_parent & later,
            elsewhere=has_parent & (function.code[above] != function.code) & ~same_resource,
            twice=twice,
            mixed=mixed,
        )


def _mixed(trace: Numbers, span_id: Ids) -> Ids:
    """One number for a trace and a span id; few if any pairs of a run share theirs."""
    spread: Ids = (trace.astype(np.uint64) + np.uint64(1)) * _SPREAD
    return span_id ^ spread


def _rows_of(
    mixed: pa.Array, traces: Numbers, span_ids: Ids, trace: Numbers, span_id: Ids
) -> Numbers:
    found = pc.index_in(pa.array(_mixed(trace, span_id)), value_set=mixed)
    row = np.asarray(pc.fill_null(found, NONE)).astype(np.int64)
    if not len(traces):
        return row
    return np.where((row >= 0) & (traces[row] == trace) & (span_ids[row] == span_id), row, NONE)
