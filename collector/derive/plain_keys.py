"""The keys that the fragments of plain traces hold, in columns, as gather.py has it."""

import numpy as np
import pyarrow as pa

from collector.derive.coding import (
    NO_TIME,
    NONE,
    Coded,
    Numbers,
    Truths,
    changes,
    firsts,
    nullable,
    sizes,
)
from collector.derive.naming import Mentions, Named
from collector.model.stitching.keys import Kind, Outcome, Role
from collector.store.stitching_facts import Records


def make_keys(records: Records, named: Named, plain: Truths, fragments: pa.Table) -> pa.Table:
    """The keys of the ``fragments`` of plain traces, and that of each trace itself."""
    held = _held(named, plain)
    owner = np.asarray(records.traces["fragment_id"].to_numpy())[held.trace]
    found = {
        "key": named.values.key[held.value],
        "fragment_id": owner,
        "kind": held.kind.astype(np.uint8),
        "role": held.role.astype(np.uint8),
        "time_ns": held.time_ns,
        "end_ns": nullable(held.end_ns, held.end_ns != NO_TIME, pa.int64()),
        "outcome": held.outcome.astype(np.uint8),
        "place": Coded(held.place, named.place).column(),
        "function": Coded(held.function, named.function).column(),
        "family": Coded(held.family, named.family).column(),
        "attempt": nullable(held.attempt, held.attempt > 0, pa.int16()),
        "dead_letter": np.zeros(len(owner), bool),
        "text": named.values.text.take(pa.array(held.value)),
        "run": pa.nulls(len(owner), pa.int64()),
    }
    table = pa.table({name: pa.array(column) for name, column in found.items()})
    return pa.concat_tables([table, _own(records, plain, fragments).cast(table.schema)])


def _own(records: Records, plain: Truths, fragments: pa.Table) -> pa.Table:
    """Each fragment is its trace."""
    traces = records.traces.filter(pa.array(plain))
    count = traces.num_rows
    columns = {
        "key": traces["key"],
        "fragment_id": traces["fragment_id"],
        "kind": pa.array(np.full(count, Kind.TRACE, np.uint8)),
        "role": pa.array(np.full(count, Role.OWN, np.uint8)),
        "time_ns": fragments["start_ns"],
        "end_ns": fragments["end_ns"],
        "outcome": pa.array(np.full(count, Outcome.UNKNOWN, np.uint8)),
        "place": pa.nulls(count, pa.string()),
        "function": fragments["function"],
        "family": pa.array([""] * count),
        "attempt": pa.nulls(count, pa.int16()),
        "dead_letter": pa.array(np.zeros(count, bool)),
        "text": traces["text"],
        "run": pa.nulls(count, pa.int64()),
    }
    return pa.table(columns)


def _held(named: Named, plain: Truths) -> Mentions:
    """Each handling by itself, all else once for a key, kind and role of each trace."""
    found, values = named.mentions, named.values
    kept = plain[found.trace] & ~values.worthless[found.value]
    kept &= (found.kind != Kind.INVOCATION) | ~values.counter[found.value]
    kept &= (found.kind != Kind.MESSAGE) | values.unique[found.value]
    found = found.at(kept)
    # Roles are 0 to 3 and kinds below 16: the four are one number, below 2^63 for 10^6 traces.
    named_by = (found.trace * 16 + found.kind) * 4 + found.role
    group = named_by * (len(values.key) + 1) + found.value
    order = np.argsort(group)
    first = firsts(group[order])
    count = sizes(first, len(order))
    alone, several = order[first[count == 1]], order[np.repeat(count > 1, count)]
    parts = [found.at(alone), _merged(found.at(several), group[several], named)]
    return Mentions(
        *(np.concatenate([getattr(part, name) for part in parts]) for name in Mentions.__slots__)
    )


def _merged(found: Mentions, group: Numbers, named: Named) -> Mentions:
    """Of several mentions of a key the earliest tells most; an OK outweighs an error."""
    handled = (found.role == Role.IN) & (found.kind > Kind.SPAN)
    handled_ns = np.where(handled, found.time_ns, 0)
    place, function, family = (
        Coded(code, texts).in_order()
        for code, texts in (
            (found.place, named.place),
            (found.function, named.function),
            (found.family, named.family),
        )
    )
    handled_by = np.where(handled, function, 0)
    end = np.maximum(found.end_ns, 0)
    order = np.lexsort(
        (family, function, place, found.outcome, end, found.time_ns, handled_by, handled_ns, group)
    )
    found = found.at(order)
    first = changes((group[order], handled_ns[order], handled_by[order]))
    if not len(first):
        return found
    ok = np.logical_or.reduceat(found.outcome == Outcome.OK, first)
    worst = np.maximum.reduceat(found.outcome, first)
    merged = found.at(first)
    return Mentions(
        trace=merged.trace,
        kind=merged.kind,
        role=merged.role,
        value=merged.value,
        time_ns=merged.time_ns,
        end_ns=np.maximum.reduceat(found.end_ns, first),
        outcome=np.where(ok, Outcome.OK, worst),
        place=_first_said(found.place, first),
        function=merged.function,
        family=merged.family,
        attempt=np.maximum.reduceat(found.attempt, first),
    )


def _first_said(place: Numbers, first: Numbers) -> Numbers:
    """The first place that each group names."""
    row = np.where(place == NONE, len(place), np.arange(len(place)))
    found: Numbers = np.append(place, NONE)[np.minimum.reduceat(row, first)]
    return found
