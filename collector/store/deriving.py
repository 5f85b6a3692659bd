"""What deriving invocations asks of the store and puts into it; statements in sql/deriving.

A run is one transaction: it reads the records of some exports through temporary tables, merges
them with what is stored of the same invocations and adds to the figures by how much they changed.
"""

from dataclasses import dataclass
from typing import Final

from duckdb import DuckDBPyConnection as Cursor

from collector.store.sql import Statements

_DERIVED: Final = (
    "platform_lines", "logged_metrics", "invocation_rows", "environments", "function_sightings",
    "minute_changes", "minute_figures", "hour_figures", "message_systems", "dead_letter_sources",
    "message_sizes", "workflow_events",
)  # fmt: skip
# In this order each reads what the ones before it made.
NEW: Final = (
    "new_spans", "new_lines", "new_facts", "new_told", "new_logged", "new_inits", "new_steps",
)  # fmt: skip
MADE: Final = (
    "old_rows",
    "parts",
    "said_lines",
    "alone",
    "attempts",
    "whole_rows",
    "made_rows",
    "told_environments",
    "new_environments",
    "changing",
)
FIGURES: Final = (
    "rows_before",
    "rows_after",
    "figures_before",
    "figures_after",
)
_TEMPORARY: Final = (*NEW, "touched", *MADE, *FIGURES)
DERIVING: Final = Statements(
    "deriving",
    [
        "progress", "mark_derived", "forget_marks", "touched_range", "changing_range",
        *(f"make_{name}" for name in _TEMPORARY),
        "insert_platform_lines", "insert_logged_metrics", "delete_rows", "insert_rows",
        "delete_environments", "insert_environments", "insert_sightings", "insert_changes",
        "insert_systems", "insert_message_sizes", "insert_steps", "insert_machines",
        "insert_sources", "add_throttles",
        "drop_temporary",
        "delete_changing", "make_folded_sightings", "delete_sightings", "fold_sightings",
        "drop_folded", "make_folded_hours", "delete_hours", "fold_hours",
        "add_changing", "changes_waiting", "fold_changes", "forget_changes",
        *(f"forget_{table}" for table in _DERIVED),
    ],
)  # fmt: skip

# Retries under one id follow each other within hours (asynchronous events are kept up to 6 h), and
# no invocation takes longer.
_AROUND_NS: Final = 6 * 3600 * 10**9


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the derived model is, as the store has it; all numbers of exports."""

    derived_seq: int
    applied_seq: int
    deleted_seq: int


def progress(cursor: Cursor) -> Progress:
    return Progress(*DERIVING.rows(cursor, "progress")[0])


def derive(cursor: Cursor, after_seq: int, up_to_seq: int) -> int:
    """Brings the derived model up to an export; the caller's transaction makes it one step.

    Returns how many invocations were touched.
    """
    new = {"after_seq": after_seq, "up_to_seq": up_to_seq}
    run = {"up_to_seq": up_to_seq}
    for name in ("new_spans", "new_lines"):
        DERIVING.run(cursor, f"make_{name}", **new)
    DERIVING.run(cursor, "add_throttles", **new)
    DERIVING.run(cursor, "make_new_facts", **run)
    for name in ("new_told", "new_logged", "new_inits"):
        DERIVING.run(cursor, f"make_{name}", **new)
    DERIVING.run(cursor, "insert_platform_lines")
    DERIVING.run(cursor, "insert_logged_metrics")
    DERIVING.run(cursor, "insert_systems", **new)
    DERIVING.run(cursor, "insert_message_sizes", **new)
    DERIVING.run(cursor, "make_new_steps", **new)
    DERIVING.run(cursor, "insert_steps", **run)
    DERIVING.run(cursor, "insert_machines", **run)
    DERIVING.run(cursor, "insert_sources", **new)
    DERIVING.run(cursor, "make_touched")
    count, first_ns, last_ns, inits = DERIVING.rows(cursor, "touched_range")[0]
    if count or inits:
        _merge(cursor, first_ns, last_ns, run)
    DERIVING.run(cursor, "drop_temporary")
    DERIVING.run(cursor, "mark_derived", seq=up_to_seq)
    DERIVING.run(cursor, "forget_marks")
    return int(count)


def _merge(cursor: Cursor, first_ns: int | None, last_ns: int | None, run: dict[str, int]) -> None:
    """The times are those of the touched invocations; None where there are none."""
    around = {
        "from_ns": None if first_ns is None else first_ns - _AROUND_NS,
        "to_ns": None if last_ns is None else last_ns + _AROUND_NS,
    }
    for name in ("old_rows", "parts", "said_lines"):
        DERIVING.run(cursor, f"make_{name}", **around)
    DERIVING.run(cursor, "make_alone")
    DERIVING.run(cursor, "make_attempts")
    DERIVING.run(cursor, "make_whole_rows", **run)
    DERIVING.run(cursor, "make_made_rows")
    DERIVING.run(cursor, "make_told_environments")
    DERIVING.run(cursor, "make_new_environments", **run)
    DERIVING.run(cursor, "make_changing")
    from_ns, to_ns = DERIVING.rows(cursor, "changing_range")[0]
    DERIVING.run(cursor, "make_rows_before", from_ns=from_ns, to_ns=to_ns)
    DERIVING.run(cursor, "delete_rows", **around)
    DERIVING.run(cursor, "delete_changing", from_ns=from_ns, to_ns=to_ns)
    DERIVING.run(cursor, "delete_environments")
    DERIVING.run(cursor, "insert_environments")
    DERIVING.run(cursor, "add_changing", **run)
    DERIVING.run(cursor, "make_rows_after")
    DERIVING.run(cursor, "insert_rows")
    DERIVING.run(cursor, "insert_sightings", **run)
    DERIVING.run(cursor, "make_figures_before")
    DERIVING.run(cursor, "make_figures_after")
    DERIVING.run(cursor, "insert_changes", **run)


def changes_waiting(cursor: Cursor) -> int:
    """Rows of changes that were not folded into the figures yet."""
    return int(DERIVING.rows(cursor, "changes_waiting")[0][0])


def fold(cursor: Cursor) -> None:
    """Adds the changes up into the figures: many rows become few."""
    DERIVING.run(cursor, "make_folded_hours")
    DERIVING.run(cursor, "delete_hours")
    DERIVING.run(cursor, "fold_hours")
    DERIVING.run(cursor, "fold_changes")
    DERIVING.run(cursor, "forget_changes")
    DERIVING.run(cursor, "make_folded_sightings")
    DERIVING.run(cursor, "delete_sightings")
    DERIVING.run(cursor, "fold_sightings")
    DERIVING.run(cursor, "drop_folded")


def forget(cursor: Cursor, seq: int) -> None:
    """Deletes what was derived from exports up to ``seq`` only."""
    for table in _DERIVED:
        DERIVING.run(cursor, f"forget_{table}", seq=seq)
