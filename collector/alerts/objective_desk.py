"""Where objectives are made, changed and taken away, and how they are met."""

import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson
from duckdb import DuckDBPyConnection as Cursor

from collector.alerts.book import read_book
from collector.alerts.burning import Met, met
from collector.alerts.desk import UnknownRule
from collector.alerts.documents import BadRule
from collector.alerts.objectives import BURN_WINDOWS, Objective, read_objective
from collector.alerts.sources import Answers
from collector.model.alert import FIRING, AlertState, StoredDocument
from collector.model.window import Window
from collector.store import alerts as store
from collector.store.database import Database

MOST_OBJECTIVES: Final = 100


@dataclass(frozen=True, slots=True)
class ObjectiveStatus:
    """How an objective was met over its period, as far as telemetry of it is kept.

    ``burn_rates``: by suffix of its rules (1h, 6h, 3d), each of the long window alone; None: there
    was nothing. ``states``: of its alerts, by the same. ``firing``: any of them fires.
    """

    objective: Objective
    met: Met
    burn_rates: Mapping[str, float | None]
    states: Mapping[str, AlertState]

    @property
    def share(self) -> float | None:
        """The share that was good; None: there was nothing."""
        return self.met.good / self.met.total if self.met.total else None

    @property
    def budget_left(self) -> float | None:
        return self.met.budget_left(self.objective.objective)

    @property
    def firing(self) -> bool:
        return any(each.state == FIRING for each in self.states.values())


@dataclass(frozen=True, slots=True)
class ObjectiveDesk:
    """``changed`` is called after each change, so that it is evaluated soon."""

    database: Database
    changed: Callable[[], None] = lambda: None
    clock: Callable[[], int] = time.time_ns

    def objectives(self) -> list[Objective]:
        """All of them, in order of name."""
        return list(self.database.read(_objectives).values())

    def objective(self, slo_id: str) -> Objective:
        """One of them.

        Raises:
            UnknownRule: there is none of that id.
        """
        found = self.database.read(_objectives).get(slo_id)
        if found is None:
            raise _unknown(slo_id)
        return found

    def add(self, document: Any) -> Objective:
        """Makes an objective of a document.

        Raises:
            BadRule: the document is wrong, its name is taken, or there are too many.
        """
        made = read_objective(document, secrets.token_hex(8))
        self._save(made, lambda known: len(known) < MOST_OBJECTIVES)
        return made

    def replace(self, slo_id: str, document: Any) -> Objective:
        """Puts a document in the place of an objective.

        Raises:
            BadRule, UnknownRule: each says what to do.
        """
        made = read_objective(document, slo_id)

        def is_there(known: Mapping[str, Objective]) -> bool:
            if slo_id not in known:
                raise _unknown(slo_id)
            return True

        self._save(made, is_there)
        return made

    def remove(self, slo_id: str) -> None:
        """Takes an objective away; its alerts are over.

        Raises:
            UnknownRule: there is none of that id.
        """
        self.objective(slo_id)
        self.database.derive(lambda cursor: store.delete_objective(cursor, slo_id))
        self.changed()

    def _save(self, made: Objective, allowed: Callable[[Mapping[str, Objective]], bool]) -> None:
        def work(cursor: Cursor) -> None:
            known = _objectives(cursor)
            if not allowed(known):
                raise BadRule(f"there are {MOST_OBJECTIVES} objectives already: delete one first")
            if any(each.name == made.name and each.id != made.id for each in known.values()):
                raise BadRule(
                    f"objective {made.name!r}: one of that name is there already: change that one, "
                    "or choose another name"
                )
            created = {each.id: each.created_ns for each in store.list_objectives(cursor)}
            now_ns = self.clock()
            text = orjson.dumps(made.document()).decode()
            store.save_objective(
                cursor, StoredDocument(made.id, text, created.get(made.id, now_ns), now_ns)
            )

        self.database.derive(work)
        self.changed()


def status(
    answers: Answers, objective: Objective, states: Sequence[AlertState], now_ns: int
) -> ObjectiveStatus:
    """How an objective is met as of a time; ``states`` are those of all alerts."""
    own = {each.rule_id: each for each in states}
    rates = {
        pair.suffix: met(answers, objective, Window(now_ns - pair.long_ns, now_ns)).burn_rate(
            objective.objective
        )
        for pair in BURN_WINDOWS
    }
    return ObjectiveStatus(
        objective=objective,
        met=met(answers, objective, Window(now_ns - objective.period_ns, now_ns)),
        burn_rates=rates,
        states={
            pair.suffix: own[f"{objective.id}-{pair.suffix}"]
            for pair in BURN_WINDOWS
            if f"{objective.id}-{pair.suffix}" in own
        },
    )


def _objectives(cursor: Cursor) -> Mapping[str, Objective]:
    return read_book(cursor, ()).objectives


def _unknown(slo_id: str) -> UnknownRule:
    return UnknownRule(
        f"there is no objective {slo_id[:80]!r}: GET /api/v1/alerts/slos lists those there are"
    )
