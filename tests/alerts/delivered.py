"""A store with alerts that change as a test says, and what delivers them, on a clock of its own."""

from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from duckdb import DuckDBPyConnection as Cursor

from collector.alerts.addresses import Resolver, resolve
from collector.alerts.delivery import Delivery, Senders
from collector.model.delivery import Delivery as Row
from collector.settings import DeliverySettings, TargetSettings
from collector.store.database import Database
from collector.store.delivering import list_deliveries
from tests.store.build import open_database

S: Final = 10**9
T0_NS: Final = 1_700_000_000 * S

_CHANGE: Final = """
insert into alert_changes by name select
    $change_id::uuid as change_id, $rule as rule_id, $rule_name as rule_name,
    $group as group_name, $state as state, $severity as severity, 0.31 as "value",
    0.05 as threshold, 'ratio' as unit, $now_ns as since_ns, $now_ns as changed_ns,
    $targets as targets, 'team-orders' as owner, 'https://runbook.example/1' as note,
    'error_rate' as metric, '{"function":"orders-*"}' as scope,
    $group || ' is ' || $state as summary,
    (select coalesce(max(change_seq), 0) + 1 from alert_changes) as change_seq
"""


class Clock:
    """Stands still until it is told to go on."""

    def __init__(self) -> None:
        self.now_ns = T0_NS

    def __call__(self) -> int:
        return self.now_ns

    def go(self, seconds: float) -> None:
        self.now_ns += int(seconds * S)


class Delivered:
    """``url`` is where the target "hook" leads; ``more`` are settings under [alerts]."""

    def __init__(
        self,
        directory: Path,
        url: str = "http://127.0.0.1:9/",
        resolver: Resolver = resolve,
        clock: Clock | None = None,
        **more: Any,
    ) -> None:
        self.clock = clock or Clock()
        hook = TargetSettings(name="hook", url=url, secret=more.pop("secret", None))
        targets = (hook, *more.pop("targets", ()))
        self.settings = DeliverySettings(targets=targets, **({"send_timeout_s": 20.0} | more))
        self.rule_targets: dict[str, tuple[str, ...]] = {}
        self.database: Database = open_database(directory)
        senders = Senders(self.settings, resolver)
        self.delivery = Delivery(
            self.database,
            self.settings,
            senders,
            lambda: self.rule_targets,
            self.clock,
            lambda: 0.0,
        )
        self.deliverer = self.delivery.deliverer

    def __enter__(self) -> "Delivered":
        return self

    def __exit__(self, *_: object) -> None:
        self.delivery.stop()
        self.database.close()

    def change(
        self,
        state: str,
        group: str = "orders-api",
        *,
        rule: str = "r1",
        targets: tuple[str, ...] = ("hook",),
        severity: str = "critical",
    ) -> None:
        """Commits a change of an alert with its state, as the engine does."""
        given = {"rule": rule, "group": group, "state": state, "now_ns": self.clock()}

        def commit(cursor: Cursor) -> None:
            more = {"change_id": str(uuid4()), "targets": list(targets), "severity": severity}
            cursor.execute(_CHANGE, given | more | {"rule_name": f"rule {rule}"})
            place = {"rule": rule, "group": group}
            cursor.execute(
                "delete from alert_states where rule_id = $rule and group_name = $group", place
            )
            cursor.execute(
                "insert into alert_states (rule_id, group_name, state, since_ns) "
                "values ($rule, $group, $state, $now_ns)",
                given,
            )

        self.database.derive(commit)

    def round(self, *, after_s: float = 0.0) -> None:
        """Lets the clock go on; then all that is due is sent, and what became of it is noted."""
        self.clock.go(after_s)
        self.deliverer.step()
        while self.deliverer.sending.busy:
            assert self.deliverer.sending.wait_idle(30)
            self.deliverer.step()

    def settle(self) -> None:
        """The changes so far are planned, and the wait for company is over."""
        self.round()
        self.round(after_s=self.settings.group_wait_s)

    def rows(self) -> list[Row]:
        """The delivery log, oldest first."""
        found = self.database.read(lambda cursor: list_deliveries(cursor, 0, 2**62, 1000))
        return found[::-1]

    def states(self) -> list[str]:
        """What became of the deliveries, oldest first."""
        return [row.state for row in self.rows()]
