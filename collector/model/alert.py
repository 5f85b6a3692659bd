"""An alert: the state of one rule for one function, queue or flow, and how it changed."""

from dataclasses import dataclass
from typing import Final

INACTIVE: Final = "inactive"
PENDING: Final = "pending"
FIRING: Final = "firing"
RESOLVED: Final = "resolved"


@dataclass(frozen=True, slots=True)
class AlertState:
    """Where one alert is; an inactive one has none stored. Times are ns UTC.

    ``since_ns``: when this state began. ``began_ns``: when the condition first held.
    ``clear_ns``: since when the condition has not held while the alert still fires.
    ``observed_ns``: the end of the newest window that had a value; None: none had.
    """

    rule_id: str
    group: str
    state: str
    since_ns: int
    began_ns: int
    clear_ns: int | None
    value: float | None
    observed_ns: int | None
    evaluated_ns: int


@dataclass(frozen=True, slots=True)
class AlertChange:
    """One change of an alert, with what a person or a machine is told of it.

    ``scope`` is the rule's as JSON. ``since_ns`` is when the state that began now began, and
    ``changed_ns`` when that was written down.
    """

    change_id: str
    rule_id: str
    rule_name: str
    group: str
    state: str
    severity: str
    value: float | None
    threshold: float
    unit: str
    since_ns: int
    changed_ns: int
    targets: tuple[str, ...]
    owner: str | None
    note: str | None
    metric: str
    scope: str
    summary: str


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """A rule or an objective as the store has it: its id, its JSON, and when it was made."""

    id: str
    document: str
    created_ns: int
    changed_ns: int


@dataclass(frozen=True, slots=True)
class AlertProgress:
    """When rules were last evaluated, since when that has gone on without a gap, and how long the
    gap before was. All 0: never."""

    evaluated_ns: int
    watched_ns: int
    gap_ns: int
