"""A thread that follows the writer: after each commit it derives what the commit brought.

It works from its own progress in the store, not from what it is told: what was committed while it
was down, or not reported, is derived all the same. A run and its progress commit together, so a
run that ended anywhere else did not happen.
"""

import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

import duckdb
import structlog

from collector.derive.load import WINDOW_S
from collector.derive.pacing import Pace
from collector.errors import QueryTimeout, StoreUnavailable
from collector.model.timings import Timings
from collector.store.database import OWN_TIMEOUT_S, Database
from collector.store.runs import run_end
from collector.store.writer import CommitInfo

_log = structlog.get_logger(__name__)

_IDLE_S: Final = 5.0
_RETRY_S: Final = 1.0
# Who is this far behind is not waited for: a question would be none the better for it.
_HOPELESS_S: Final = 5.0
_FAILURES: Final = (duckdb.Error, StoreUnavailable, QueryTimeout)


class Source(Protocol):
    """What a follower needs of the writer."""

    listeners: list[Callable[[CommitInfo], None]]

    @property
    def applied_seq(self) -> int: ...

    @property
    def waiting_rows(self) -> int: ...

    @property
    def held_back(self) -> bool: ...

    def take_most_waiting(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Lag:
    """How far a follower is behind the store: exports, and seconds since the first of them came."""

    exports: int
    seconds: float


class Follower(ABC):
    """``reached_seq`` is the last export of which readers can see what is derived.

    ``keeps`` says in words what that is. ``rested_s`` says how long there was nothing to take so
    far: where that stands still, taking telemetry goes first. Who does not judge the load by it
    goes by what another follower finds.
    """

    def __init__(
        self,
        name: str,
        keeps: str,
        writer: Source,
        reached_seq: int,
        pace: Pace,
        clock: Callable[[], int],
        rested_s: Callable[[], float],
        *,
        judges: bool = True,
    ) -> None:
        self.reached_seq = reached_seq
        self.runs = 0
        self.failures = 0
        self.last_error: str | None = None
        self.timings = Timings()
        self.waiting_since_ns: int | None = None
        self.pace = pace
        self._keeps = keeps
        self._judges = judges
        self._writer = writer
        self._clock = clock
        self._rested_s = rested_s
        self._asked = 0
        self._stopping = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        writer.listeners.append(self._committed)

    @abstractmethod
    def step(self) -> bool:
        """One run, and what is due beside it; False when there was nothing new."""

    @property
    def lag(self) -> Lag:
        """How far what is derived is behind the store."""
        exports = max(0, self._writer.applied_seq - self.reached_seq)
        since_ns = self.waiting_since_ns
        if not exports or since_ns is None:
            return Lag(exports, 0.0)
        return Lag(exports, max(0.0, (self._clock() - since_ns) / 1e9))

    @property
    def healthy(self) -> bool:
        return self._thread.is_alive() and self.last_error is None

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Ends after the run that is going on; what is left is derived at the next start."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join()

    def wait_reached(self, timeout_s: float) -> bool:
        """Waits until everything applied by now is derived; False = not yet."""
        target = self._writer.applied_seq
        with self._changed:
            self._asked += 1
            self._changed.notify_all()
            done = self._changed.wait_for(lambda: self.reached_seq >= target, timeout_s)
            self._asked -= 1
            return done

    def wait_soon(self, timeout_s: float) -> bool:
        """As :meth:`wait_reached`, but returns at once when it is too far behind to be worth it."""
        return self.lag.seconds <= _HOPELESS_S and self.wait_reached(timeout_s)

    def look_behind(self, database: Database) -> None:
        """Looks up since when the oldest of what is not derived yet waits."""
        after_seq, applied_seq = self.reached_seq, self._writer.applied_seq
        self.waiting_since_ns = self._clock()
        if applied_seq > after_seq:
            end = database.read(
                lambda cursor: run_end(cursor, after_seq, applied_seq, 1), OWN_TIMEOUT_S
            )
            self.waiting_since_ns = end.received_ns

    def ran(self, seq: int, began_s: float, *, more: bool) -> None:
        """A run up to an export has ended; ``more``: not all there was fitted in."""
        self.runs += 1
        took_s = time.monotonic() - began_s
        self.timings.took(took_s)
        self.pace.took(took_s, more=more)
        self.reached(seq)

    def reached(self, seq: int) -> None:
        """Readers see what is derived up to this export."""
        with self._changed:
            self.reached_seq = max(self.reached_seq, seq)
            self._changed.notify_all()

    def _committed(self, _: CommitInfo) -> None:
        with self._changed:
            self._changed.notify_all()

    def _run(self) -> None:
        while self._wait():
            began_s = time.monotonic()
            try:
                self.step()
                self._recovered()
            except _FAILURES as error:
                # A store that takes nothing is told of by its writer.
                if self._failed(error) and not isinstance(error, StoreUnavailable):
                    _log.error(self._trouble, reason=self.last_error)
            except Exception as error:  # a fault of ours; the thread lives on, records are safe
                if self._failed(error):
                    _log.exception(self._trouble)
            self.pace.ran_at = time.monotonic()
            if self._judges:
                self.pace.load.ran(self.pace.ran_at - began_s)

    @property
    def _trouble(self) -> str:
        return f"{self._keeps} are not kept up to date; it is tried again"

    def _wait(self) -> bool:
        """Returns when a run is due; False at the end."""
        with self._changed:
            while not self._stopping:
                now_s = time.monotonic()
                if self._judges:
                    self._look(now_s)
                behind = self._writer.applied_seq > self.reached_seq
                wait_s = self.pace.ran_at + (self.pause_s() if behind else _IDLE_S) - now_s
                if wait_s <= 0:
                    return True
                self._changed.wait(min(wait_s, WINDOW_S) if behind else wait_s)
            return False

    def _look(self, now_s: float) -> None:
        self.pace.load.saw_waiting(self._writer.take_most_waiting())
        if self._writer.held_back:
            self.pace.load.look_away()
        else:
            rows = self._writer.waiting_rows
            self.pace.load.look(now_s, rested_s=self._rested_s(), waiting_rows=rows)

    def pause_s(self) -> float:
        """Seconds between two runs."""
        if self.last_error is not None:
            return _RETRY_S
        return self.pace.pause_s(asked=self._asked > 0)

    def _failed(self, error: Exception) -> bool:
        """Counts a failure; True for the first of a row of them."""
        first = self.last_error is None
        self.failures += 1
        self.pace.failed()
        self.last_error = f"{type(error).__name__}: {str(error).partition(chr(10))[0]}"
        return first

    def _recovered(self) -> None:
        if self.last_error is not None:
            _log.info(f"{self._keeps} are kept up to date again")
        self.last_error = None
