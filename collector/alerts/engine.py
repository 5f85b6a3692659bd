"""Evaluates every rule every few seconds; all it knows is in the store.

One evaluation is: read rules, states and samples, decide, and write new states with the changes
that led to them in one transaction. A process that is killed anywhere in between has evaluated, or
has not; the next one goes on from what is stored.

Windows end a little before now (``delay_s``), so that what is on its way can arrive, and begin anew
each time, so that what arrives late is seen as long as it lies within the window. A time in which
nothing was evaluated proves nothing: it neither lets a ``for`` pass nor counts as silence.
"""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Final

import duckdb
import structlog
from duckdb import DuckDBPyConnection as Cursor

from collector.alerts import blindness
from collector.alerts.book import read_book
from collector.alerts.burning import judged_hours
from collector.alerts.objectives import OUTCOME
from collector.alerts.rules import Rule
from collector.alerts.sources import Answers, Facts
from collector.alerts.turn import FLOW_SETTLES_NS, Found, Turn
from collector.errors import LockstitchError
from collector.model.alert import AlertChange, AlertState
from collector.model.timings import Timings
from collector.model.window import Window
from collector.store import alerts as store
from collector.store.database import OWN_TIMEOUT_S, Database

_log = structlog.get_logger(__name__)

_KEEP_CHANGES_NS: Final = 90 * 86_400 * 10**9
_FORGET_EVERY_NS: Final = 3600 * 10**9
_LEAST_PAUSE_S: Final = 0.2
# A window is looked at so often while it passes, but each rule once a minute at least.
_TICKS_A_WINDOW: Final = 240
_LONGEST_WAIT_NS: Final = 60 * 10**9
QUESTION_S: Final = 30.0
"""One question of a rule may take so long; the rule is then left as it is."""
# Less than what counts as a gap, so that a process that was killed leaves none.
_MARK_EVERY_NS: Final = 30 * 10**9
_SEE_EVERY_NS: Final = 60 * 10**9
_LOOK_BACK_NS: Final = 3600 * 10**9
_FAILURES: Final = (duckdb.Error, LockstitchError)


class AlertEngine:
    """Owns the thread that evaluates; :meth:`step` is one evaluation.

    ``settle`` waits until what was taken is derived, and says for how many seconds it is not.
    """

    def __init__(
        self,
        database: Database,
        rules: Sequence[Rule],
        facts: Facts,
        *,
        every_s: float,
        delay_s: float,
        settle: Callable[[], float] = lambda: 0.0,
        clock: Callable[[], int] = time.time_ns,
    ) -> None:
        store.ALERTS.check()
        self.file_rules = tuple(rules)
        self.facts = facts
        self.runs = 0
        self.timings = Timings()
        self.failures = 0
        self.last_error: str | None = None
        self.rule_errors: Mapping[str, str] = {}
        self._database = database
        self._every_ns = round(every_s * 1e9)
        self.delay_ns = round(delay_s * 1e9)
        self._settle = settle
        self._clock = clock
        self._forgotten_ns = 0
        self._seen_ns = 0
        self._evaluated: dict[str, tuple[Rule, int]] = {}
        self._stepping = threading.Lock()
        self._stopping = threading.Event()
        self._asked = threading.Event()
        self._thread = threading.Thread(target=self._run, name="alerts", daemon=True)

    @property
    def healthy(self) -> bool:
        return self._thread.is_alive() and self.last_error is None

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Ends after the evaluation that is going on."""
        self._stopping.set()
        self._asked.set()
        if self._thread.is_alive():
            self._thread.join()

    def soon(self) -> None:
        """Evaluates at once: a rule was changed."""
        self._asked.set()

    def step(self) -> list[AlertChange]:
        """One evaluation; the changes it came to, already stored."""
        with self._stepping:  # two at once would both tell the same
            return self._step()

    def _step(self) -> list[AlertChange]:
        began_s = time.monotonic()
        behind_s = self._settle()
        now_ns = self._clock()
        found = self._database.read(self._found, OWN_TIMEOUT_S)
        progress = blindness.progress(
            found.progress, now_ns, self._every_ns, behind=behind_s * 1e9 > self.delay_ns + 10**10
        )
        turn = Turn(found, progress, now_ns, self._answers())
        changes = self._save(turn, self._evaluate(turn))
        self._tidy(now_ns)
        self.runs += 1
        self.timings.took(time.monotonic() - began_s)
        return changes

    def _evaluate(self, turn: Turn) -> list[AlertState]:
        """What every alert comes to; a collector without rules asks nothing."""
        if not turn.found.book.watched and not turn.found.states:
            return []
        self._see_flows(turn.now_ns, turn.now_ns - self.delay_ns - FLOW_SETTLES_NS)
        self._judge_hours(turn)
        due = self._due(turn)
        after = turn.evaluated(due, turn.now_ns - self.delay_ns)
        done = {rule.id for rule in due}
        kept = {name: said for name, said in self.rule_errors.items() if name not in done}
        self.rule_errors = {
            name: said for name, said in (kept | turn.errors).items()
            if name in turn.found.book.watched
        }  # fmt: skip
        return after

    def _save(self, turn: Turn, after: Sequence[AlertState]) -> list[AlertChange]:
        """Stores what is new, and now and then that nothing is."""
        changes = [turn.change(each) for each in after if turn.is_change(each)]
        written = [each for each in after if turn.is_worth_writing(each)]
        found, progress = turn.found, turn.progress
        passed_ns = progress.evaluated_ns - found.progress.evaluated_ns
        fresh = 0 <= passed_ns < _MARK_EVERY_NS
        if written or not fresh or progress.watched_ns != found.progress.watched_ns:
            self._database.derive(
                lambda cursor: store.save_evaluation(
                    cursor, progress, found.states, written, changes
                )
            )
        return changes

    def _found(self, cursor: Cursor) -> Found:
        return Found(
            book=read_book(cursor, self.file_rules),
            states=store.list_states(cursor),
            last=store.last_changes(cursor),
            progress=store.read_progress(cursor),
        )

    def _answers(self) -> Answers:
        return Answers(lambda question: self._database.read(question, QUESTION_S), self.facts)

    def _due(self, turn: Turn) -> list[Rule]:
        """Rules with long windows wait a minute; all are due when new, changed, or after a gap."""
        due = []
        for rule in turn.found.book.watched.values():
            known, at_ns = self._evaluated.get(rule.id, (None, 0))
            wait_ns = min(max(rule.window_ns // _TICKS_A_WINDOW, self._every_ns), _LONGEST_WAIT_NS)
            # A tick that comes a little early is still the one meant.
            passed = abs(turn.now_ns - at_ns) >= wait_ns - self._every_ns // 2
            if rule != known or passed or turn.gap_ns is not None:
                due.append(rule)
                self._evaluated[rule.id] = (rule, turn.now_ns)
        return due

    def _see_flows(self, now_ns: int, end_ns: int) -> None:
        """Flow shapes of a while that has settled: what is still growing has not its path yet."""
        if abs(now_ns - self._seen_ns) < _SEE_EVERY_NS:
            return
        window = Window(end_ns - _LOOK_BACK_NS, end_ns)
        self._database.derive(lambda cursor: store.see_flows(cursor, window))
        self._seen_ns = now_ns

    def _judge_hours(self, turn: Turn) -> None:
        """Hours of outcomes that have settled: a few at a time, the newest first."""
        for objective in turn.found.book.objectives.values():
            if not objective.enabled or objective.kind != OUTCOME:
                continue
            hours = judged_hours(turn.answers, objective, turn.now_ns)
            if hours:
                self._database.derive(
                    partial(store.save_outcome_hours, slo_id=objective.id, hours=hours)
                )

    def _tidy(self, now_ns: int) -> None:
        """Now and then: changes that are too old to be looked at."""
        if abs(now_ns - self._forgotten_ns) < _FORGET_EVERY_NS:
            return
        self._database.derive(lambda cursor: store.forget_old(cursor, now_ns - _KEEP_CHANGES_NS))
        self._forgotten_ns = now_ns

    def _run(self) -> None:
        while not self._stopping.is_set():
            began_s = time.monotonic()
            self._asked.clear()
            try:
                self.step()
                if self.last_error is not None:
                    _log.info("alerts are evaluated again")
                self.last_error = None
            except _FAILURES as error:
                self._failed(error)
            except Exception as error:  # a fault of ours; the thread lives on
                if self._failed(error):
                    _log.exception("alerts are not evaluated")
            passed_s = time.monotonic() - began_s
            self._asked.wait(max(_LEAST_PAUSE_S, self._every_ns / 1e9 - passed_s))

    def _failed(self, error: Exception) -> bool:
        """Counts a failure and logs the first of a row of them; True for that one."""
        first = self.last_error is None
        self.failures += 1
        self.last_error = f"{type(error).__name__}: {str(error).partition(chr(10))[0]}"
        if first:
            _log.error("alerts are not evaluated; it is tried again", reason=self.last_error)
        return first
