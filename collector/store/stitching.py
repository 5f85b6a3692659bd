"""What stitching asks of the store and puts into it; the statements are in sql/stitching.

A run reads through temporary tables that end with its snapshots, and writes in one transaction.
``run`` of a row is the last export its run had read, so it is compared with export numbers: rows
above a *floor* are found by reading the newest row groups only.
"""

from dataclasses import dataclass
from typing import Final

from duckdb import DuckDBPyConnection as Cursor

from collector.store.sql import Statements

STITCHING: Final = Statements(
    "stitching",
    [
        "progress", "mark_stitched", "forget_marks",
        "make_dirty_traces", "make_dirty_logs", "make_replaced", "first_seq",
        "make_read_traces", "read_traces", "read_spans", "read_logs", "read_links",
        "read_event_keys", "read_lettered", "text_keys", "loose_logs",
        "cut_dirty_traces", "cut_dirty_logs", "cut_fragments", "cut_keys",
        "give_dirty_traces", "give_dirty_logs",
        "replaced_from", "make_replaced_keys",
        "make_lessened", "make_touched", "make_members", "make_followed", "members_from",
        "make_near", "near_from", "make_near_fragments",
        "make_wider", "make_wider_members", "wider_from", "make_far", "far_from",
        "make_loaded", "stored_fragments", "stored_keys", "verdicts", "judged", "loaded_events",
        "replaced_fragments", "heirs",
        "delete_fragments", "delete_keys", "insert_fragments", "insert_keys", "insert_former",
        "delete_events", "insert_events", "delete_ignored", "insert_ignored",
        "make_swept", "swept_seeds", "make_swept_traces", "make_swept_logs", "mark_swept",
        "key_rows", "index_section", "index_runs", "index_exports", "mark_indexed",
        "forget_index_marks",
        "forget_fragments", "forget_keys", "forget_events", "forget_ignored", "forget_id_runs",
        "forget_id_exports", "forget_former",
    ],
)  # fmt: skip

_TABLES: Final = ("fragments", "keys", "events", "ignored", "id_runs", "id_exports", "former")
_EVERYTHING: Final = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Progress:
    """How far stitching is, as the store has it; all numbers of exports."""

    stitched_seq: int
    swept_seq: int
    fingerprint: int | None  # of the hash function that made the stored keys
    hash_now: int  # of this DuckDB's
    applied_seq: int
    deleted_seq: int


def progress(cursor: Cursor) -> Progress:
    return Progress(*STITCHING.rows(cursor, "progress")[0])


def mark_stitched(cursor: Cursor, seq: int, now: Progress, *, whole: bool) -> None:
    """``whole``: the run searched all that is stored, so nothing is left for a sweep."""
    STITCHING.run(cursor, "mark_stitched", seq=seq, fingerprint=now.hash_now, whole=whole)
    STITCHING.run(cursor, "forget_marks")


def forget(cursor: Cursor, seq: int) -> None:
    """Deletes what was derived from exports up to ``seq`` only."""
    for table in _TABLES:
        STITCHING.run(cursor, f"forget_{table}", seq=seq)


def start_over(cursor: Cursor, now: Progress) -> None:
    """Deletes everything derived: what is stored is stitched from its beginning."""
    forget(cursor, _EVERYTHING)
    mark_stitched(cursor, 0, now, whole=True)
    _mark_indexed(cursor, 0)


def mark_swept(cursor: Cursor, seq: int) -> None:
    STITCHING.run(cursor, "mark_swept", seq=seq)
    STITCHING.run(cursor, "forget_marks")


def index_ids(cursor: Cursor, keys: int) -> int:
    """Makes the next section of at least ``keys`` keys findable by reading little.

    Gives how many keys wait for a section of their own; fewer than ``keys``: none was made.
    """
    up_to_run, waiting = STITCHING.rows(cursor, "index_section", keys=keys)[0]
    if up_to_run is not None:
        STITCHING.run(cursor, "index_runs", seq=up_to_run)
        STITCHING.run(cursor, "index_exports", seq=up_to_run)
        _mark_indexed(cursor, up_to_run)
    return int(waiting)


def _mark_indexed(cursor: Cursor, seq: int) -> None:
    STITCHING.run(cursor, "mark_indexed", seq=seq)
    STITCHING.run(cursor, "forget_index_marks")


def key_rows(cursor: Cursor) -> list[tuple[int, int]]:
    """(run, keys it wrote), the newest first."""
    return [(run, count) for run, count in STITCHING.rows(cursor, "key_rows")]
