"""One transaction of the writer: which exports are new, their rows, and how far it got.

All of it commits or none, so an export counts once whenever the process dies.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Final

import duckdb
import pyarrow as pa
from duckdb import DuckDBPyConnection as Cursor

from collector.columns import EXPORTS, TABLES
from collector.store.sql import Statements
from collector.store.work import Taken, Work

INGEST: Final = Statements(
    "ingest",
    [
        *(f"insert_{table}" for table in TABLES),
        "known_exports",
        "mark_applied",
        "forget_marks",
        "applied_seq",
    ],
)

# Interned tables: rows are few and the same ones come again and again.
_INTERNED: Final = {"resources": "resource_id", "scopes": "scope_id"}
_KNOWN_IDS: Final = 100_000
# Exports further apart in time than this are looked up in ranges of their own.
_GAP_NS: Final = 600 * 10**9
_RANGES: Final = 8


@dataclass(slots=True)
class Known:
    """Ids of interned rows that are certainly in the store; may forget, never invents."""

    ids: dict[str, set[int]] = field(default_factory=lambda: {name: set() for name in _INTERNED})

    def new_rows(self, name: str, table: pa.Table) -> pa.Table:
        """The rows whose ids are not known."""
        ids = table[_INTERNED[name]].to_pylist()
        if self.ids[name].issuperset(ids):
            return table.slice(0, 0)
        return table.filter(pa.array([item not in self.ids[name] for item in ids]))

    def learn(self, tables: Iterable[tuple[str, pa.Table]]) -> None:
        """Remembers rows that are committed."""
        for name, table in tables:
            if name in self.ids:
                if len(self.ids[name]) > _KNOWN_IDS:
                    self.ids[name].clear()
                self.ids[name].update(table[_INTERNED[name]].to_pylist())


def applied_seq(cursor: Cursor) -> int:
    """The number of the last export whose rows are stored."""
    return int(INGEST.rows(cursor, "applied_seq")[0][0])


def apply(cursor: Cursor, work: Work, up_to_seq: int, window_ns: int, known: Known) -> Work:
    """Stores what is new in ``work`` and marks ``up_to_seq`` as reached; returns what was new."""
    new = work.without(duplicates(cursor, work.exports, window_ns))
    for name, table in new.tables.items():
        rows = known.new_rows(name, table) if name in _INTERNED else table
        if rows.num_rows:
            _insert(cursor, name, rows)
    if new.exports:
        _insert(cursor, "exports", exports_table(new.exports))
    INGEST.run(cursor, "mark_applied", seq=up_to_seq)
    INGEST.run(cursor, "forget_marks")
    return new


def duplicates(cursor: Cursor, exports: Sequence[Taken], window_ns: int) -> set[int]:
    """The ``seq`` of each export that was taken before: in these or, within the window, stored."""
    first: dict[bytes, Taken] = {}
    repeated = set()
    for taken in exports:
        if first.setdefault(taken.digest, taken) is not taken:
            repeated.add(taken.export.seq)
    for group in _close_in_time(list(first.values())):
        repeated.update(_stored(cursor, group, window_ns))
    return repeated


def exports_table(exports: Sequence[Taken]) -> pa.Table:
    """Rows of the ``exports`` table."""
    digests = pa.array([taken.digest for taken in exports], pa.binary(16))
    return pa.table(
        [
            pa.array([taken.export.seq for taken in exports], pa.int64()),
            pa.array([taken.content_ns for taken in exports], pa.int64()),
            pa.ExtensionArray.from_storage(pa.uuid(), digests),
            pa.array([str(taken.export.signal) for taken in exports], pa.string()),
            pa.array([taken.export.received_ns for taken in exports], pa.int64()),
            pa.array([taken.records for taken in exports], pa.int64()),
            pa.array([taken.rejected for taken in exports], pa.int64()),
            pa.array([len(taken.export.body) for taken in exports], pa.int64()),
        ],
        schema=EXPORTS,
    )


@contextmanager
def _incoming(cursor: Cursor, rows: pa.Table) -> Iterator[None]:
    """Makes rows readable as ``incoming``, on this cursor alone."""
    cursor.register("incoming", rows)
    try:
        yield
    finally:
        with suppress(duckdb.TransactionException):  # after an error, until the rollback
            cursor.unregister("incoming")


def _insert(cursor: Cursor, name: str, rows: pa.Table) -> None:
    with _incoming(cursor, rows):
        INGEST.run(cursor, f"insert_{name}").fetchall()


def _close_in_time(exports: list[Taken]) -> list[list[Taken]]:
    """Groups without a long gap inside; the last takes all that is left, so they are few."""
    groups: list[list[Taken]] = []
    for taken in sorted(exports, key=lambda item: item.content_ns):
        near = groups and taken.content_ns - groups[-1][-1].content_ns <= _GAP_NS
        if near or len(groups) == _RANGES:
            groups[-1].append(taken)
        else:
            groups.append([taken])
    return groups


def _stored(cursor: Cursor, group: list[Taken], window_ns: int) -> list[int]:
    with _incoming(cursor, exports_table(group)):
        rows = INGEST.rows(
            cursor,
            "known_exports",
            since_ns=group[0].content_ns,
            until_ns=group[-1].content_ns,
            received_since_ns=min(taken.export.received_ns for taken in group) - window_ns,
        )
    return [seq for (seq,) in rows]
