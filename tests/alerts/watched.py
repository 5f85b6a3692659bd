"""A derived store with an alert engine that is stepped by hand, under a clock that tests set."""

from pathlib import Path
from typing import Any, Final

from collector.alerts.book import read_book
from collector.alerts.desk import RuleDesk
from collector.alerts.engine import AlertEngine
from collector.alerts.rules import Rule
from collector.alerts.sources import Facts
from collector.model.alert import AlertChange, AlertState
from collector.model.window import Window
from collector.store import alerts as store
from tests.health.derived import MINUTE, SECOND, T0_NS, DerivedStore, Row, resource

EVERY: Final = 15 * SECOND


class FakeClock:
    """A clock that stands still until it is told to go on; ``at`` is minutes after T0."""

    def __init__(self) -> None:
        self.now_ns = T0_NS

    def __call__(self) -> int:
        return self.now_ns

    def at(self, minute: float) -> None:
        self.now_ns = T0_NS + round(minute * MINUTE)


class WatchedStore(DerivedStore):
    """Rules are given as documents; ``tick`` evaluates at a minute after T0."""

    def __init__(
        self, directory: Path, *documents: dict[str, Any], facts: Facts | None = None
    ) -> None:
        super().__init__(directory)
        self.clock = FakeClock()
        self.facts = facts or Facts()
        self.behind_s = 0.0
        self.engine = self.restart_engine()
        self.commit(resource(1))
        for document in documents:
            self.desk.add(document)

    @property
    def desk(self) -> RuleDesk:
        return RuleDesk(self.database, self.engine.file_rules, clock=self.clock)

    def restart_engine(self, *rules: Rule) -> AlertEngine:
        """Another engine on the same store: what a new process has."""
        self.engine = AlertEngine(
            self.database, rules, self.facts, every_s=15, delay_s=0, clock=self.clock,
            settle=lambda: self.behind_s,
        )  # fmt: skip
        return self.engine

    def tick(self, minute: float) -> list[tuple[str, str]]:
        """Groups and new states of the changes that evaluating at that minute comes to."""
        self.clock.at(minute)
        return [(each.group, each.state) for each in self.engine.step()]

    def ticks(self, since: float, until: float) -> list[tuple[str, str]]:
        """The same of every half minute from one minute to another, both included."""
        count = round((until - since) * 2)
        return [each for step in range(count + 1) for each in self.tick(since + step / 2)]

    def states(self) -> dict[str, AlertState]:
        """By group."""
        return {each.group: each for each in self.database.read(store.list_states)}

    def history(self) -> list[AlertChange]:
        """Every change, the first first."""
        return self.database.read(lambda cursor: store.list_changes(cursor, Window.all_time()))[
            ::-1
        ]

    def rules(self) -> list[Rule]:
        return list(self.database.read(lambda cursor: read_book(cursor, ())).rules.values())


def rule(metric: str = "error_rate", **said: Any) -> dict[str, Any]:
    """A document that is valid; keywords add to it (``for_`` is ``for``)."""
    named = {key.rstrip("_"): value for key, value in said.items()}
    return {"name": metric, "metric": metric, "scope": {"function": "*"}} | named


def numbered(rows: list[Row]) -> list[Row]:
    """Spans, each of an invocation of its own."""
    return [
        (table, row | {
            "span_id": number + 1, "trace_id": (number + 1).to_bytes(16, "big"),
            "invocation_id": f"8f5e2c1a-0b6d-4d57-9a37-{number + 1:012x}",
        })
        for number, (table, row) in enumerate(rows)
    ]  # fmt: skip
