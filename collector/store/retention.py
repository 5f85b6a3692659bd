"""Deletes the oldest telemetry, by age and by size of the store, in steps between commits.

Old means long since received: ``export_seq`` grows with every export and rows lie in its order, so
what is deleted is always the beginning of every table. A delete is then 0.05 µs a row, whole row
groups come free at the next checkpoint and the file stays as large as it is (measured over 14
rounds that each replaced a fifth of it). Deleting by the spans' own times would leave holes
wherever telemetry came late, and holes are never reclaimed.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from duckdb import DuckDBPyConnection as Cursor

from collector.store.database import OWN_TIMEOUT_S, Database
from collector.store.journal import Journal
from collector.store.sql import Statements

RETENTION: Final = Statements(
    "retention",
    [
        "mark_deleted",
        "forget_marks",
        "kept_bytes",
        "oldest_range",
        "delete_spans",
        "delete_span_events",
        "delete_span_links",
        "delete_log_records",
        "delete_metric_points",
        "delete_exports",
        "delete_resources",
        "delete_scopes",
        "interned_rows",
    ],
)
_RECORDS: Final = ("spans", "span_events", "span_links", "log_records", "metric_points")

# Exports received, in bytes, that one step deletes: some 300,000 spans, 20 ms.
_STEP_BYTES: Final = 128 * 1024**2
_AGE_EVERY_S: Final = 60.0
# Deleting begins above the one share of the limit and ends below the other: the free space of the
# file and what a checkpoint writes before it frees are in between.
_HIGH: Final = 0.95
_LOW: Final = 0.90
# Interned rows nobody refers to are looked for once they are this many, and then hourly.
_MANY_INTERNED: Final = 20_000
_INTERNED_EVERY_S: Final = 3600.0
_EVER_NS: Final = 2**63 - 1


# A store that may hold fewer bytes than so many logs has few row groups.
_FEW_LOGS: Final = 32


@dataclass(frozen=True, slots=True)
class Retention:
    """How long and how much telemetry is kept."""

    max_age_ns: int
    max_bytes: int


class Keeper:
    """Carries a :class:`Retention` out, called by the writer's thread between its commits.

    ``busy`` is True while there is more to delete; ``wants_checkpoint`` when space was deleted that
    only a checkpoint frees.
    """

    def __init__(
        self,
        database: Database,
        journal: Journal,
        retention: Retention | None,
        dedup_window_ns: int,
        clock: Callable[[], int] = time.time_ns,
    ) -> None:
        RETENTION.check()
        self.busy = False
        self.wants_checkpoint = False
        self._database = database
        self._journal = journal
        self._retention = retention
        self._window_ns = dedup_window_ns
        self._clock = clock
        self._excess = 0  # received bytes to delete because the store is too large
        self._aged_at = self._swept_at = float("-inf")

    @property
    def wants_tidying(self) -> bool:
        """True where what was deleted frees nothing until row groups are merged.

        A range deleted from a large store is whole row groups, which go by themselves.
        """
        few_bytes = _FEW_LOGS * self._database.checkpoint_bytes
        small = self._retention is not None and self._retention.max_bytes < few_bytes
        return self.wants_checkpoint and small

    def look(self) -> None:
        """Measures the store; to be called right after a checkpoint, when deleted space is free."""
        self.wants_checkpoint = False
        if self._retention is not None:
            self._excess = self._database.read(self._too_much, OWN_TIMEOUT_S)
            self.busy = self.busy or self._excess > 0

    def age(self) -> None:
        """Makes the next step look for what is too old; otherwise it does once a minute."""
        self._aged_at = float("-inf")

    def step(self) -> None:
        """Deletes one step's worth, if anything is too old or too much.

        Raises:
            StoreUnavailable: nothing was deleted.
        """
        if self._retention is None:
            return
        if time.monotonic() - self._aged_at > _AGE_EVERY_S:
            self._aged_at = time.monotonic()
            self.busy = True
        if self.busy:
            self._database.write(self._delete)

    @property
    def sweep_due(self) -> bool:
        """Once an hour."""
        return time.monotonic() - self._swept_at > _INTERNED_EVERY_S

    def sweep(self) -> bool:
        """Deletes interned rows nobody refers to, if there are many; True when it did."""
        self._swept_at = time.monotonic()
        return self._database.write(_sweep)

    def _too_much(self, cursor: Cursor) -> int:
        """Bytes received whose rows have to go; estimated from what a received byte takes up."""
        assert self._retention is not None
        room = 2 * self._database.checkpoint_bytes  # log and journal until the next checkpoint
        limit = max(self._retention.max_bytes - room, self._retention.max_bytes // 2)
        received, used = RETENTION.rows(cursor, "kept_bytes")[0]
        total = used + self._database.log_bytes + self._journal.size_bytes
        if total <= _HIGH * limit or not used:
            return 0
        return int((total - _LOW * limit) / used * received)

    def _delete(self, cursor: Cursor) -> None:
        assert self._retention is not None
        now_ns = self._clock()
        seq, received = RETENTION.rows(
            cursor,
            "oldest_range",
            before_ns=_EVER_NS if self._excess else now_ns - self._retention.max_age_ns,
            max_bytes=min(self._excess or _STEP_BYTES, _STEP_BYTES),
        )[0]
        if seq is None:
            self.busy, self._excess = False, 0
            return
        for table in _RECORDS:
            RETENTION.run(cursor, f"delete_{table}", seq=seq)
        RETENTION.run(cursor, "mark_deleted", seq=seq)
        RETENTION.run(cursor, "forget_marks")
        RETENTION.run(cursor, "delete_exports", seq=seq, before_ns=now_ns - self._window_ns)
        self._excess = max(self._excess - received, 0)
        self.wants_checkpoint = True


def _sweep(cursor: Cursor) -> bool:
    if RETENTION.rows(cursor, "interned_rows")[0][0] < _MANY_INTERNED:
        return False
    RETENTION.run(cursor, "delete_resources")
    RETENTION.run(cursor, "delete_scopes")
    return True
