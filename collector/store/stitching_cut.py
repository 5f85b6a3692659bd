"""Finds what a run makes anew, and hands over what is made of it.

What is made depends on the stored records only, never on what other runs decided of them: so it can
be made while the run before is still deciding, and is given to another cursor afterwards.
"""

from dataclasses import dataclass

import pyarrow as pa
from duckdb import DuckDBPyConnection as Cursor

from collector.store.stitching import STITCHING
from collector.store.stitching_load import SETTLED, Cut, Reach


@dataclass(frozen=True, slots=True)
class Dirty:
    """What got records: traces, and invocations whose log records name none."""

    traces: pa.Table
    logs: pa.Table


def find_dirty(cursor: Cursor, reach: Reach, stitched_seq: int) -> int:
    """Finds what got records; gives the export after which all of it lies.

    ``stitched_seq``: the last export whose fragments are stored. What came after it may be of the
    same traces.
    """
    span = {"after_seq": reach.after_seq, "up_to_seq": reach.up_to_seq}
    STITCHING.run(cursor, "make_dirty_traces", **span)
    STITCHING.run(cursor, "make_dirty_logs", **span)
    return _first_seq(cursor, reach.floor_seq, min(stitched_seq, reach.after_seq))


def find_old(cursor: Cursor, reach: Reach, swept_seq: int) -> tuple[Reach, int]:
    """Finds what was written since a sweep that older rows hold keys of, beyond the floor.

    Gives the reach of the run that looks at it again, and the export after which records lie.
    """
    since = {"swept_seq": swept_seq}
    STITCHING.run(cursor, "make_swept", floor_seq=reach.floor_seq, settled=SETTLED, **since)
    STITCHING.run(cursor, "make_swept_traces", **since)
    STITCHING.run(cursor, "make_swept_logs", **since)
    seeds = dict(STITCHING.rows(cursor, "swept_seeds"))
    wide = Reach(
        reach.after_seq,
        reach.up_to_seq,
        seeds=tuple(seeds),
        seeds_from_seq=min(seeds.values(), default=reach.seeds_from_seq),
    )
    return wide, _first_seq(cursor, wide.floor_seq, reach.after_seq)


def take_cut(
    cursor: Cursor, by_core: tuple[pa.Table, pa.Table], in_columns: tuple[pa.Table, pa.Table]
) -> Cut:
    """Fragments and keys of what was found with this cursor.

    ``in_columns`` have the columns of the store; in what is ``by_core`` ids and keys are texts,
    which are hashed here.
    """
    made_fragments, made_occurrences = by_core
    cursor.register("made_fragments", made_fragments)
    cursor.register("made_occurrences", made_occurrences)
    try:
        fragments = STITCHING.table(cursor, "cut_fragments")
        keys = STITCHING.table(cursor, "cut_keys")
    finally:
        cursor.unregister("made_fragments")
        cursor.unregister("made_occurrences")
    return Cut(_joined(fragments, in_columns[0]), _joined(keys, in_columns[1]))


def take_dirty(cursor: Cursor) -> Dirty:
    """What was found with this cursor."""
    return Dirty(
        STITCHING.table(cursor, "cut_dirty_traces"), STITCHING.table(cursor, "cut_dirty_logs")
    )


def give_dirty(cursor: Cursor, dirty: Dirty, floor_seq: int) -> None:
    """Makes it what was found with this one, with what is stored of it by now."""
    given = {"given_dirty_traces": dirty.traces, "given_dirty_logs": dirty.logs}
    for name, table in given.items():
        cursor.register(name, table)
    try:
        STITCHING.run(cursor, "give_dirty_traces")
        STITCHING.run(cursor, "give_dirty_logs")
    finally:
        for name in given:
            cursor.unregister(name)
    STITCHING.run(cursor, "make_replaced", floor_seq=floor_seq)


def _joined(by_core: pa.Table, in_columns: pa.Table) -> pa.Table:
    made = in_columns.select(by_core.column_names).cast(by_core.schema)
    return pa.concat_tables([made, by_core])


def _first_seq(cursor: Cursor, floor_seq: int, after_seq: int) -> int:
    """The export after which the records of all that is made anew lie."""
    STITCHING.run(cursor, "make_replaced", floor_seq=floor_seq)
    return int(STITCHING.rows(cursor, "first_seq", after_seq=after_seq)[0][0])
