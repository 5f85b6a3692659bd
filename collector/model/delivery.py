"""What is sent about alerts: to whom, what became of it, and what is kept quiet."""

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final

WAITING: Final = "waiting"
FAILED: Final = "failed"
SENT: Final = "sent"
GIVEN_UP: Final = "given_up"
SILENCED: Final = "silenced"
DROPPED: Final = "dropped"
STATES: Final = (WAITING, FAILED, SENT, GIVEN_UP, SILENCED, DROPPED)
"""``failed`` is tried again; what is ``sent``, ``given_up`` or ``dropped`` has ended."""

CHANGE: Final = "change"
REPEAT: Final = "repeat"
SILENCE_ENDED: Final = "silence_ended"
TEST: Final = "test"
REASONS: Final = (CHANGE, REPEAT, SILENCE_ENDED, TEST)
"""Why something is sent."""


@dataclass(frozen=True, slots=True)
class Alert:
    """One change of an alert as it is told. ``group`` is empty for all together; times ns UTC."""

    change_id: str
    rule_id: str
    rule_name: str
    group: str
    state: str
    severity: str
    value: float | None
    threshold: float | None
    unit: str
    since_ns: int
    changed_ns: int
    owner: str | None
    note: str | None
    metric: str
    scope: str
    summary: str


@dataclass(frozen=True, slots=True)
class Change:
    """A change of an alert that has no deliveries yet, as far as planning them needs it."""

    change_id: str
    change_seq: int
    rule_id: str
    rule_name: str
    group: str
    state: str
    severity: str
    targets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NewDelivery:
    """A delivery to be written down, of one change to one target; ``error``: it ended at once."""

    change_id: str | None
    change_seq: int
    target: str
    rule_id: str
    rule_name: str
    group: str
    severity: str
    alert_state: str
    reason: str
    state: str
    next_ns: int
    error: str | None = None


@dataclass(frozen=True, slots=True)
class OpenDelivery:
    """A delivery that has not ended. ``message_id`` is set once it belongs to a message.

    ``told``: of a resolved alert, whether the target was told that it fired.
    """

    delivery_id: str
    change_seq: int
    target: str
    reason: str
    message_id: str | None
    attempts: int
    created_ns: int
    first_try_ns: int | None
    next_ns: int
    told: bool
    alert: Alert


@dataclass(frozen=True, slots=True)
class LastDelivery:
    """The last delivery of an alert that fires now to one target; ``ended_ns`` None: still open."""

    delivery_id: str
    change_id: str
    change_seq: int
    target: str
    rule_id: str
    rule_name: str
    group: str
    severity: str
    state: str
    ended_ns: int | None


@dataclass(frozen=True, slots=True)
class Silence:
    """Keeps alerts quiet for a time. ``rule`` is an id or a name, ``group`` a glob; None: any."""

    silence_id: str
    rule: str | None
    group: str | None
    severity: str | None
    reason: str
    author: str
    starts_ns: int
    ends_ns: int
    created_ns: int

    def active(self, now_ns: int) -> bool:
        return self.starts_ns <= now_ns < self.ends_ns

    def takes(self, rule_id: str, rule_name: str, group: str, severity: str) -> bool:
        """Whether an alert is among those it keeps quiet."""
        return (
            self.rule in (None, rule_id, rule_name)
            and (self.group is None or fnmatchcase(group, self.group))
            and self.severity in (None, severity)
        )


@dataclass(frozen=True, slots=True)
class Attempt:
    """What happened when a message was sent once.

    ``status`` is the HTTP status, None where none came or none is known. ``error`` None: it was
    taken. ``final``: trying again as it is cannot help. ``wait_s``: what the target asked for.
    """

    latency_ms: float
    status: int | None = None
    error: str | None = None
    final: bool = False
    wait_s: float | None = None


@dataclass(frozen=True, slots=True)
class Ending:
    """What is written down of a message after an attempt."""

    state: str
    attempts: int
    next_ns: int
    ended_ns: int | None
    attempt: Attempt


@dataclass(frozen=True, slots=True)
class Delivery:
    """One row of the delivery log. ``message_id`` is the dedup key of the message it went with."""

    delivery_id: str
    change_id: str | None
    message_id: str | None
    silence_id: str | None
    target: str
    rule_id: str
    rule_name: str
    group: str
    severity: str
    alert_state: str
    reason: str
    state: str
    attempts: int
    created_ns: int
    next_ns: int | None
    ended_ns: int | None
    http_status: int | None
    latency_ms: float | None
    error: str | None
