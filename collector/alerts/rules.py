"""A rule: which metric of what, beyond which threshold, for how long, and who is told."""

from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, Final

from collector.alerts.spans import span_text

COMPARISONS: Final = (">", ">=", "<", "<=")
SEVERITIES: Final = ("info", "warning", "critical")
NO_DATA: Final = ("ok", "keep", "alert")
"""What no data means: the condition does not hold, nothing is known, or it holds."""

STORED: Final = "stored"
FILE: Final = "file"
OBJECTIVE: Final = "slo"


@dataclass(frozen=True, slots=True)
class Scope:
    """What a rule looks at: globs of names, or all together where none is given.

    ``flow`` names event traces by the function they begin with (``orders-*``), or one by one the
    paths they take: ``shape:`` and a shape's id, or ``path:`` and its parts joined by " > ".
    """

    function: str | None = None
    queue: str | None = None
    flow: str | None = None
    provider: str | None = None

    @property
    def is_all(self) -> bool:
        """Everything together makes one alert; else there is one for each that matches."""
        return self == Scope()

    def takes(self, names: tuple[str, ...], glob: str | None, provider: str | None) -> bool:
        """Whether something known by these names, and of this provider, is meant."""
        if self.provider is not None and provider != self.provider:
            return False
        return glob is None or any(fnmatchcase(name, glob) for name in names)

    def document(self) -> dict[str, str]:
        """As JSON has it: what is given alone."""
        names = ("function", "queue", "flow", "provider")
        return {name: getattr(self, name) for name in names if getattr(self, name) is not None}


@dataclass(frozen=True, slots=True)
class Rule:
    """One alert rule; lengths of time in ns, the threshold in the unit of its metric.

    ``resolve_threshold``: what the value must come back to before a firing alert is over; the
    threshold itself where None. ``min_count``: with fewer observations (invocations, event traces)
    in the window a value does not count, so that one failure of one call is no error rate.
    """

    id: str
    name: str
    metric: str
    comparison: str
    threshold: float
    window_ns: int
    for_ns: int = 0
    scope: Scope = field(default_factory=Scope)
    severity: str = "warning"
    owner: str | None = None
    targets: tuple[str, ...] = ()
    note: str | None = None
    no_data: str = "ok"
    resolve_threshold: float | None = None
    keep_firing_for_ns: int = 0
    min_count: int = 0
    enabled: bool = True
    source: str = STORED
    objective: str | None = None  # the id of the objective that this rule watches over

    def breaches(self, value: float) -> bool:
        """Whether a value is beyond the threshold."""
        return _beyond(value, self.comparison, self.threshold)

    def holds_on(self, value: float) -> bool:
        """Whether an alert that fires goes on at this value."""
        if self.resolve_threshold is None:
            return self.breaches(value)
        return _beyond(value, self.comparison, self.resolve_threshold)

    def document(self) -> dict[str, Any]:
        """The rule as JSON and TOML have it, without its id; reading it back gives the same."""
        written: dict[str, Any] = {
            "name": self.name,
            "metric": self.metric,
            "scope": self.scope.document(),
            "comparison": self.comparison,
            "threshold": self.threshold,
            "window": span_text(self.window_ns),
            "for": span_text(self.for_ns),
            "severity": self.severity,
            "owner": self.owner,
            "targets": list(self.targets),
            "note": self.note,
            "no_data": self.no_data,
            "resolve_threshold": self.resolve_threshold,
            "keep_firing_for": span_text(self.keep_firing_for_ns),
            "min_count": self.min_count,
            "enabled": self.enabled,
        }
        return written


def _beyond(value: float, comparison: str, bound: float) -> bool:
    match comparison:
        case ">":
            return value > bound
        case ">=":
            return value >= bound
        case "<":
            return value < bound
        case _:
            return value <= bound
