"""Keeps invocations and their figures up to date: after each commit, just what it touched."""

import time
from collections.abc import Callable
from typing import Final

from collector.derive.follower import Follower, Source
from collector.derive.load import Load
from collector.derive.pacing import Pace
from collector.store import deriving
from collector.store.database import OWN_TIMEOUT_S, Database
from collector.store.runs import RUNS, run_end

# A run costs some 100 ms whatever it reads; who asks does not wait for the pause to end.
_EVERY_S: Final = 2.5
# While event traces are further behind than this, invocations wait, but not for ever: both want the
# same cores, and who follows an event looks at what is newest.
_BEHIND_S: Final = 1.0
_GIVES_WAY_S: Final = 15.0
# Changes are added up into the figures at this many rows, or after this time.
_FOLD_ROWS: Final = 100_000
_FOLD_EVERY_S: Final = 60.0


class Deriver(Follower):
    """The follower that derives invocations and their figures.

    It gives way to ``first``, and goes by the load that one finds.
    """

    def __init__(
        self,
        database: Database,
        writer: Source,
        clock: Callable[[], int] = time.time_ns,
        rested_s: Callable[[], float] = time.monotonic,
        first: Follower | None = None,
    ) -> None:
        RUNS.check()
        deriving.DERIVING.check()
        super().__init__(
            "deriver",
            "invocations",
            writer,
            database.read(deriving.progress, OWN_TIMEOUT_S).derived_seq,
            Pace(first.pace.load if first else Load(), every_s=_EVERY_S),
            clock,
            rested_s,
            judges=first is None,
        )
        self.touched = 0
        self._first = first
        self._database = database
        self._forgotten_seq = 0
        self._folded_at = time.monotonic()

    def step(self) -> bool:
        """One run, and what is due beside it; False when there was nothing new."""
        now = self._database.read(deriving.progress, OWN_TIMEOUT_S)
        if now.deleted_seq > self._forgotten_seq:
            self._database.derive(lambda cursor: deriving.forget(cursor, now.deleted_seq))
            self._forgotten_seq = now.deleted_seq
        self._fold()
        if now.applied_seq <= now.derived_seq:
            self.reached(now.derived_seq)
            return False
        began_s = time.monotonic()
        end = self._database.read(
            lambda cursor: run_end(cursor, now.derived_seq, now.applied_seq, self.pace.records),
            OWN_TIMEOUT_S,
        )
        self.waiting_since_ns = end.received_ns
        self.touched += self._database.derive(
            lambda cursor: deriving.derive(cursor, now.derived_seq, end.up_to_seq)
        )
        self.ran(end.up_to_seq, began_s, more=not end.last)
        self.look_behind(self._database)
        return True

    def pause_s(self) -> float:
        """Seconds between two runs."""
        pause_s = super().pause_s()
        if self._first is not None and self._first.lag.seconds > _BEHIND_S:
            return max(pause_s, _GIVES_WAY_S)
        return pause_s

    def _fold(self) -> None:
        passed_s = time.monotonic() - self._folded_at
        waiting = self._database.read(deriving.changes_waiting, OWN_TIMEOUT_S)
        if waiting > _FOLD_ROWS or (waiting and passed_s > _FOLD_EVERY_S):
            self._database.derive(deriving.fold)
            self._folded_at = time.monotonic()
