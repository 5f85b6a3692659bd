"""Loads what a run has to decide on: what it made anew and all it may be tied to.

Whether a key ties depends on its whole group and on the exact parts its members lie in. So three
rings are loaded: what the run makes anew; the event traces that share a key with it now or did
before (*near*: their parts may change); and those that share a key with a near one (*far*: only
what they are tied by may change). Farther ones cannot change.
"""

from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from duckdb import DuckDBPyConnection as Cursor

from collector.store.stitching import STITCHING

# A key that named no single event while this many fragments held it is not judged anew.
_SETTLED = 64


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
class Loaded:
    """Everything a run decides on; tables have the columns of theirs in the store and ``made``.

    ``events``: id -> (created_seq, start_ns), oldest first. ``verdicts`` are those to go by;
    ``judged`` those of keys that are judged anew, with their texts.
    """

    fragments: pa.Table
    keys: pa.Table
    events: dict[int, tuple[int, int]]
    verdicts: dict[int, str]
    judged: dict[int, tuple[str, str | None]]
    replaced: list[int]
    replaced_events: set[int]
    from_seq: int


def find_dirty(cursor: Cursor, reach: Reach) -> int:
    """Finds what got records and its stored fragments; the export after which all of it lies."""
    span = {"after_seq": reach.after_seq, "up_to_seq": reach.up_to_seq}
    STITCHING.run(cursor, "make_dirty_traces", **span)
    STITCHING.run(cursor, "make_dirty_logs", **span)
    STITCHING.run(cursor, "make_replaced", floor_seq=reach.floor_seq)
    return int(_one(cursor, "first_seq", after_seq=reach.after_seq))


def find_old(cursor: Cursor, reach: Reach, swept_seq: int) -> tuple[Reach, int]:
    """Finds what was written since a sweep that older rows hold keys of, beyond the floor.

    Gives the reach of the run that looks at it again, and the export after which records lie.
    """
    since = {"swept_seq": swept_seq}
    STITCHING.run(cursor, "make_swept", floor_seq=reach.floor_seq, settled=_SETTLED, **since)
    STITCHING.run(cursor, "make_swept_traces", **since)
    STITCHING.run(cursor, "make_swept_logs", **since)
    STITCHING.run(cursor, "make_replaced", floor_seq=-1)
    seeds = dict(STITCHING.rows(cursor, "swept_seeds"))
    wide = Reach(
        reach.after_seq,
        reach.up_to_seq,
        seeds=tuple(seeds),
        seeds_from_seq=min(seeds.values(), default=reach.seeds_from_seq),
    )
    return wide, int(_one(cursor, "first_seq", after_seq=reach.after_seq))


def take_made(cursor: Cursor, fragments: pa.Table, occurrences: pa.Table) -> None:
    """Takes over what the pure core made: ids and keys are texts here and hashes afterwards."""
    cursor.register("made_fragments", fragments)
    cursor.register("made_occurrences", occurrences)
    STITCHING.run(cursor, "make_made")
    STITCHING.run(cursor, "make_made_keys")
    cursor.unregister("made_fragments")
    cursor.unregister("made_occurrences")


def load(cursor: Cursor, reach: Reach) -> Loaded:
    """The three rings around the made and replaced fragments."""
    end, floor = {"default_seq": reach.up_to_seq}, {"floor_seq": reach.floor_seq}
    seeds = {"seeds": list(reach.seeds)}
    seeds_from = {"seeds_from_seq": reach.seeds_from_seq}
    replaced_from = _one(cursor, "replaced_from", **end)
    STITCHING.run(cursor, "make_replaced_keys", from_seq=replaced_from)
    STITCHING.run(cursor, "make_touched", settled=_SETTLED, **seeds, **seeds_from)
    STITCHING.run(cursor, "make_members", **floor)
    STITCHING.run(cursor, "make_followed")
    members_from = _one(cursor, "members_from", **end, **seeds_from)
    STITCHING.run(cursor, "make_near", members_from_seq=members_from, **seeds)
    near_from = _one(cursor, "near_from", **end, **floor)
    STITCHING.run(cursor, "make_near_fragments", near_from_seq=near_from)
    STITCHING.run(cursor, "make_wider", near_from_seq=near_from, settled=_SETTLED)
    STITCHING.run(cursor, "make_wider_members", **floor)
    wider_from = _one(cursor, "wider_from", **end)
    STITCHING.run(cursor, "make_far", wider_from_seq=wider_from)
    loaded_from = min(near_from, _one(cursor, "far_from", **end, **floor))
    shared_from = min(loaded_from, members_from, wider_from)
    STITCHING.run(cursor, "make_loaded", loaded_from_seq=loaded_from, shared_from_seq=shared_from)
    everything = {"loaded_from_seq": shared_from}
    return Loaded(
        fragments=STITCHING.table(cursor, "fragments_now"),
        keys=STITCHING.table(cursor, "keys_now", **everything),
        events={
            event: (created, start)
            for event, created, start in STITCHING.rows(cursor, "loaded_events", **everything)
        },
        verdicts=dict(STITCHING.rows(cursor, "verdicts", whole=reach.whole, **everything)),
        judged={
            key: (reason, value)
            for key, reason, value in STITCHING.rows(cursor, "judged", whole=reach.whole)
        },
        replaced=[row[0] for row in STITCHING.rows(cursor, "replaced_fragments")],
        replaced_events={row[1] for row in STITCHING.rows(cursor, "replaced_fragments") if row[1]},
        from_seq=min(shared_from, replaced_from),
    )


def _one(cursor: Cursor, name: str, **parameters: Any) -> int:
    return int(STITCHING.rows(cursor, name, **parameters)[0][0])
