"""How far one run of a follower goes: as many exports as make up so many records."""

from dataclasses import dataclass
from typing import Final

from duckdb import DuckDBPyConnection as Cursor

from collector.store.sql import Statements

RUNS: Final = Statements("runs", ["run_end"])


@dataclass(frozen=True, slots=True)
class RunEnd:
    """After which export a run begins and which it goes up to.

    ``last``: that is all there is; ``received_ns``: when the first of them came.
    """

    after_seq: int
    up_to_seq: int
    last: bool
    received_ns: int | None


def run_end(cursor: Cursor, after_seq: int, applied_seq: int, max_records: int) -> RunEnd:
    """The end of the run after an export: as many as make up ``max_records``, at least one."""
    rows = RUNS.rows(
        cursor,
        "run_end",
        after_seq=after_seq,
        applied_seq=applied_seq,
        max_records=max_records,
    )
    return RunEnd(after_seq, *rows[0])
