"""Service level objectives: a share of invocations or event traces that must be good, and the
rules that watch how fast the rest, the error budget, is used up.

The burn rate is the share of bad ones over the share that may be bad: at 1 the budget lasts just as
long as its period. A rule fires when it is burnt too fast in a long window and, so that it is over
soon after the trouble is, in a short one too.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from collector.alerts.documents import BadRule, Reader
from collector.alerts.metric import SHARE, TIMES, Metric
from collector.alerts.rules import OBJECTIVE, Rule, Scope
from collector.alerts.spans import span_text

AVAILABILITY: Final = "availability"
LATENCY: Final = "latency"
OUTCOME: Final = "outcome"
KINDS: Final = (AVAILABILITY, LATENCY, OUTCOME)
_FIELDS: Final = (
    "name", "kind", "scope", "objective", "period", "latency_ms", "reach", "within", "min_count",
    "owner", "targets", "note", "enabled",
)  # fmt: skip
_MINUTE_NS: Final = 60 * 10**9
_HOUR_NS: Final = 60 * _MINUTE_NS


@dataclass(frozen=True, slots=True)
class BurnWindow:
    """A pair of windows and the burn rate at which both of them alert.

    The usual ones: 2 % of a budget of 30 days in an hour, 5 % in six hours, 10 % in three days.
    """

    suffix: str
    long_ns: int
    short_ns: int
    rate: float
    severity: str


BURN_WINDOWS: Final = (
    BurnWindow("1h", _HOUR_NS, 5 * _MINUTE_NS, 14.4, "critical"),
    BurnWindow("6h", 6 * _HOUR_NS, 30 * _MINUTE_NS, 6.0, "critical"),
    BurnWindow("3d", 72 * _HOUR_NS, 6 * _HOUR_NS, 1.0, "warning"),
)

BURN: Final = Metric(
    name="slo_burn_rate",
    title="Burn rate",
    unit=TIMES,
    kind="objective",
    source="objective",
    read=lambda burn: burn.rate,
    count=lambda burn: burn.count,
    description="How fast the error budget of an objective is used up; at 1 it lasts its period.",
    comparison=">",
    threshold=1,
    window="1h",
    nature=SHARE,
)


@dataclass(frozen=True, slots=True)
class Objective:
    """``objective`` is the share that must be good, over ``period_ns``.

    ``availability``: invocations without failure; ``latency``: those within ``latency_ms``; both of
    the functions in scope, together. ``outcome``: event traces of the flow in scope that end well,
    or with ``reach`` come to a function of that name, within ``within_ns`` where that is given.
    """

    id: str
    name: str
    kind: str
    objective: float
    period_ns: int
    scope: Scope = field(default_factory=Scope)
    latency_ms: float | None = None
    reach: str | None = None
    within_ns: int | None = None
    min_count: int = 10
    owner: str | None = None
    targets: tuple[str, ...] = ()
    note: str | None = None
    enabled: bool = True

    def rules(self) -> list[Rule]:
        """The rules that watch it, one for each pair of windows; they have ids made of its own."""
        return [
            Rule(
                id=f"{self.id}-{pair.suffix}",
                name=f"{self.name} ({pair.suffix})",
                metric=BURN.name,
                comparison=">",
                threshold=pair.rate,
                window_ns=pair.long_ns,
                scope=self.scope,
                severity=pair.severity,
                owner=self.owner,
                targets=self.targets,
                note=self.note,
                min_count=self.min_count,
                enabled=self.enabled,
                source=OBJECTIVE,
                objective=self.id,
            )
            for pair in BURN_WINDOWS
        ]

    def document(self) -> dict[str, Any]:
        """As JSON has it, without its id."""
        return {
            "name": self.name,
            "kind": self.kind,
            "scope": self.scope.document(),
            "objective": self.objective,
            "period": span_text(self.period_ns),
            "latency_ms": self.latency_ms,
            "reach": self.reach,
            "within": None if self.within_ns is None else span_text(self.within_ns),
            "min_count": self.min_count,
            "owner": self.owner,
            "targets": list(self.targets),
            "note": self.note,
            "enabled": self.enabled,
        }


def read_objective(given: Any, slo_id: str) -> Objective:
    """The objective a document describes.

    Raises:
        BadRule: one line for everything that is wrong.
    """
    if not isinstance(given, Mapping):
        raise BadRule(f"an objective is an object with {', '.join(_FIELDS[:4])}")
    reader = Reader(given)
    reader.only(_FIELDS)
    kind = reader.choice("kind", KINDS, AVAILABILITY)
    name = reader.text("name", needed=True)
    share = reader.number("objective", 0.99) or 0.0
    if not 0 < share < 1:
        reader.faults.append(
            f"objective is {share:g}: use a share between 0 and 1, such as 0.99; 1 leaves no budget"
        )
    latency_ms = reader.number("latency_ms")
    if kind == LATENCY and (latency_ms is None or latency_ms <= 0):
        reader.faults.append("latency_ms is missing: say how long an invocation may take")
    within = reader.given.get("within")
    made = Objective(
        id=slo_id,
        name=name or "",
        kind=kind,
        objective=share,
        period_ns=reader.span("period", "30d", least_ns=_HOUR_NS, most_ns=90 * 24 * _HOUR_NS),
        scope=_scope(reader, kind),
        latency_ms=latency_ms,
        reach=reader.text("reach"),
        within_ns=None if within is None else reader.span("within", "5m", least_ns=10**9),
        min_count=reader.whole("min_count", 10),
        owner=reader.text("owner"),
        targets=reader.texts("targets"),
        note=reader.text("note", most=2000),
        enabled=reader.flag("enabled", default=True),
    )
    reader.done(f"objective {name!r}" if name else "objective")
    return made


def _scope(reader: Reader, kind: str) -> Scope:
    given = reader.given.get("scope")
    takes = "flow" if kind == OUTCOME else "function"
    if given is None or given == {}:
        return Scope()
    if not isinstance(given, Mapping) or set(given) != {takes}:
        reader.faults.append(
            f'scope of an objective on {kind} is {{"{takes}": "name-*"}}, or nothing for all'
        )
        return Scope()
    value = Reader(given).text(takes)
    return Scope(flow=value) if takes == "flow" else Scope(function=value)
