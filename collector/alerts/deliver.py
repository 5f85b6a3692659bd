"""A thread that follows the changes of alerts and sees that each reaches its targets.

The evaluator commits changes and never waits for this; what cannot be sent now waits in the store.
"""

import random
import threading
import time
from collections.abc import Callable
from typing import Final
from uuid import uuid4

import duckdb
import structlog

from collector.alerts import messages
from collector.alerts.outbox import Outbox, RuleTargets, nobody_knows
from collector.alerts.sending import Post, Sending, posted
from collector.alerts.targets import Targets
from collector.errors import QueryTimeout, StoreUnavailable
from collector.model.delivery import Attempt
from collector.settings import DeliverySettings, TargetSettings
from collector.store import delivering
from collector.store.database import Database

_log = structlog.get_logger(__name__)

# A round with nothing to do asks one question, of a millisecond.
_PAUSE_S: Final = 1.0
_RETRY_S: Final = 2.0
_STOP_S: Final = 5.0
_FAILURES: Final = (duckdb.Error, StoreUnavailable, QueryTimeout)


class Deliverer:
    """``step`` is one round, for those who bring a clock of their own (ns UTC)."""

    def __init__(
        self,
        database: Database,
        targets: Targets,
        settings: DeliverySettings,
        post: Post,
        clock: Callable[[], int] = time.time_ns,
        chance: Callable[[], float] = random.random,
        rule_targets: RuleTargets = nobody_knows,
    ) -> None:
        self.failures = 0
        self.last_error: str | None = None
        self.sending = Sending(post, self.wake)
        self.outbox = Outbox(database, targets, settings, self.sending, clock, chance, rule_targets)
        self.counts = self.outbox.counts
        self._database = database
        self._post = post
        self._clock = clock
        self._woken = False
        self._stopping = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="deliverer", daemon=True)

    @property
    def healthy(self) -> bool:
        """False while deliveries cannot be read or written; a target that is down is no fault."""
        return self._thread.is_alive() and self.last_error is None

    @property
    def waiting(self) -> int:
        """Deliveries that have not ended, as of the last round."""
        return self.outbox.waiting

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Waits a little for what is under way; what is left is sent at the next start."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join()
        self.sending.wait_idle(_STOP_S)
        try:
            self.outbox.write_endings()
        except _FAILURES as error:
            _log.warning("what was sent last is sent again at the next start", reason=_line(error))

    def wake(self, *_: object) -> None:
        """There may be something to do: a change was committed, or an attempt has ended."""
        with self._changed:
            self._woken = True
            self._changed.notify_all()

    def step(self) -> None:
        """One round; returns when what is due is being sent."""
        self.outbox.round()

    def test(self, target: TargetSettings) -> tuple[str, Attempt]:
        """Sends a test message, in the thread that asks; its dedup key and what happened."""
        key = str(uuid4())
        message = messages.test_message(key, target.name, self.outbox.link)
        attempt = posted(self._post, target, message)
        now_ns = self._clock()
        self.counts.attempted(target.name, attempt)
        self._database.derive(
            lambda cursor: delivering.add_test(cursor, target.name, key, attempt, now_ns)
        )
        return key, attempt

    def _run(self) -> None:
        while self._wait():
            try:
                self.step()
                self._recovered()
            except _FAILURES as error:
                # A store that takes nothing is told of by its writer.
                if self._failed(error) and not isinstance(error, StoreUnavailable):
                    _log.error(_TROUBLE, reason=self.last_error)
            except Exception as error:  # a fault of ours; the thread lives on, nothing is lost
                if self._failed(error):
                    _log.exception(_TROUBLE)

    def _wait(self) -> bool:
        """Returns when a round is due; False at the end."""
        with self._changed:
            if self.last_error is not None:
                self._changed.wait_for(lambda: self._stopping, _RETRY_S)
            else:
                self._changed.wait_for(lambda: self._woken or self._stopping, _PAUSE_S)
            self._woken = False
            return not self._stopping

    def _failed(self, error: Exception) -> bool:
        """Counts a failure; True for the first of a row of them."""
        first = self.last_error is None
        self.failures += 1
        self.last_error = _line(error)
        return first

    def _recovered(self) -> None:
        if self.last_error is not None:
            _log.info("alerts are delivered again")
        self.last_error = None


_TROUBLE: Final = "alerts are not delivered; it is tried again"


def _line(error: Exception) -> str:
    return f"{type(error).__name__}: {str(error).partition(chr(10))[0]}"
