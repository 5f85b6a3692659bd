"""Loads what a run has to decide on: what it made anew and all it may be tied to.

Whether a key ties depends on its whole group and on the exact parts its members lie in. So three
rings are loaded: what the run makes anew; the event traces that share a key with it now or did
before (*near*: their parts may change); and those that share a key with a near one (*far*: only
what they are tied by may change). Farther ones cannot change.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from duckdb import DuckDBPyConnection as Cursor

from collector.store.stitching import STITCHING

# A key that named no single event while this many fragments held it is not judged anew.
SETTLED = 64


@dataclass(frozen=True, slots=True)
class Reach:
    """What a run reads: exports after one up to another, derived rows above a floor.

    ``seeds``: fragments to look at again although nothing of theirs came, and the smallest run of
    them.
    """

    after_seq: int
    up_to_seq: int
    floor_seq: int = -1
    seeds: tuple[int, ...] = ()
    seeds_from_seq: int = 2**62

    @property
    def whole(self) -> bool:
        """True when no holder of a key can be missing."""
        return self.floor_seq < 0


@dataclass(frozen=True, slots=True)
class Cut:
    """The fragments and keys made of what got records (see stitching_cut.py)."""

    fragments: pa.Table
    keys: pa.Table


@dataclass(frozen=True, slots=True)
class Loaded:
    """Everything a run decides on; tables have the columns of theirs in the store.

    ``fragments`` also ``made``: it was in this run; ``keys`` also ``text``, of what was.

    ``events``: id -> (created_seq, start_ns), oldest first. ``verdicts`` are those to go by;
    ``judged`` those of keys that are judged anew, with their texts. ``replaced``: the event traces
    of the stored fragments that go. ``heirs``: of those among them that are not made again, what
    was made of the same records, the earliest first.
    """

    fragments: pa.Table
    keys: pa.Table
    events: dict[int, tuple[int, int]]
    verdicts: dict[int, str]
    judged: dict[int, tuple[str, str | None]]
    replaced: dict[int, int | None]
    heirs: dict[int, list[int]]
    from_seq: int


def load(cursor: Cursor, reach: Reach, cut: Cut, hub_bound: int) -> Loaded:
    """What was cut, and the three rings around it and what it replaces.

    What it was cut of was found with this cursor, or given to it. ``hub_bound``: a key that no more
    fragments hold may tie again.
    """
    cursor.register("made_keys", cut.keys)
    try:
        return _load(cursor, reach, cut, hub_bound)
    finally:
        cursor.unregister("made_keys")


def _load(cursor: Cursor, reach: Reach, cut: Cut, hub_bound: int) -> Loaded:
    end, floor = {"default_seq": reach.up_to_seq}, {"floor_seq": reach.floor_seq}
    seeds = {"seeds": list(reach.seeds)}
    seeds_from = {"seeds_from_seq": reach.seeds_from_seq}
    replaced_from = _one(cursor, "replaced_from", **end)
    STITCHING.run(cursor, "make_replaced_keys", from_seq=replaced_from)
    # A hub has more than that within a time, so twice as many may be none.
    STITCHING.run(cursor, "make_lessened", from_seq=replaced_from, most=2 * hub_bound)
    STITCHING.run(cursor, "make_touched", settled=SETTLED, **seeds, **seeds_from)
    STITCHING.run(cursor, "make_members", **floor)
    STITCHING.run(cursor, "make_followed")
    members_from = _one(cursor, "members_from", **end, **seeds_from)
    STITCHING.run(cursor, "make_near", members_from_seq=members_from, **seeds)
    near_from = _one(cursor, "near_from", **end, **floor)
    STITCHING.run(cursor, "make_near_fragments", near_from_seq=near_from)
    STITCHING.run(cursor, "make_wider", near_from_seq=near_from, settled=SETTLED)
    STITCHING.run(cursor, "make_wider_members", **floor)
    wider_from = _one(cursor, "wider_from", **end)
    STITCHING.run(cursor, "make_far", wider_from_seq=wider_from)
    loaded_from = min(near_from, _one(cursor, "far_from", **end, **floor))
    shared_from = min(loaded_from, members_from, wider_from)
    STITCHING.run(cursor, "make_loaded", loaded_from_seq=loaded_from, shared_from_seq=shared_from)
    everything = {"loaded_from_seq": shared_from}
    replaced = dict(STITCHING.rows(cursor, "replaced_fragments"))
    return Loaded(
        fragments=_fragments(STITCHING.table(cursor, "stored_fragments"), cut.fragments),
        keys=_keys(STITCHING.table(cursor, "stored_keys", **everything), cut.keys),
        events={
            event: (created, start)
            for event, created, start in STITCHING.rows(cursor, "loaded_events", **everything)
        },
        verdicts=dict(STITCHING.rows(cursor, "verdicts", whole=reach.whole, **everything)),
        judged={
            key: (reason, value)
            for key, reason, value in (STITCHING.rows(cursor, "judged") if reach.whole else ())
        },
        replaced=replaced,
        heirs=_heirs(cursor, cut, replaced, replaced_from),
        from_seq=min(shared_from, replaced_from),
    )


def _heirs(
    cursor: Cursor, cut: Cut, replaced: Mapping[int, int | None], from_seq: int
) -> dict[int, list[int]]:
    made = cut.fragments["fragment_id"].to_numpy()
    if np.isin(np.fromiter(replaced, np.uint64, len(replaced)), made).all():
        return {}  # as nearly always
    heirs: dict[int, list[int]] = {}
    cursor.register("given_fragments", cut.fragments)
    try:
        for fragment, heir in STITCHING.rows(cursor, "heirs", from_seq=from_seq):
            heirs.setdefault(fragment, []).append(heir)
    finally:
        cursor.unregister("given_fragments")
    return heirs


def _fragments(stored: pa.Table, made: pa.Table) -> pa.Table:
    made = made.select(stored.column_names).cast(stored.schema)
    told = [np.zeros(stored.num_rows, bool), np.ones(made.num_rows, bool)]
    return pa.concat_tables([stored, made]).append_column("made", [pa.array(np.concatenate(told))])


def _keys(stored: pa.Table, made: pa.Table) -> pa.Table:
    stored = stored.append_column("text", pa.nulls(stored.num_rows, pa.string()))
    return pa.concat_tables([stored, made.select(stored.column_names).cast(stored.schema)])


def _one(cursor: Cursor, name: str, **parameters: Any) -> int:
    return int(STITCHING.rows(cursor, name, **parameters)[0][0])
