"""The starter set: rules that suit most systems, switched on by one call.

Thresholds are those that other products of the field have settled on. Rates want enough
observations to mean something, so that one failure of one call wakes nobody; what should never
happen at all (timeouts, out of memory, dead letters) fires at the first.
"""

from collections.abc import Sequence
from typing import Any, Final

DEFAULT_OWNER: Final = "on-call"
_FUNCTIONS: Final = {"function": "*"}
_QUEUES: Final = {"queue": "*"}
_FLOWS: Final = {"flow": "*"}

_RULES: Final[Sequence[dict[str, Any]]] = (
    {
        "name": "Starter: errors above 10 %", "metric": "error_rate", "scope": _FUNCTIONS,
        "threshold": 0.1, "resolve_threshold": 0.05, "window": "15m", "severity": "critical",
        "min_count": 10,
        "note": "More than a tenth of the invocations of 15 minutes failed. Open the function: its "
        "errors by type say what failed, and since which version.",
    },
    {
        "name": "Starter: timeouts", "metric": "timeouts", "scope": _FUNCTIONS, "threshold": 0,
        "window": "15m", "severity": "warning",
        "note": "A timed-out invocation did half of its work, or all of it without saying so. Look "
        "at its event trace for what it waited for.",
    },
    {
        "name": "Starter: out of memory", "metric": "out_of_memory", "scope": _FUNCTIONS,
        "threshold": 0, "window": "15m", "severity": "critical",
        "note": "The platform killed the function. Raise its memory, or find the input that needs "
        "so much.",
    },
    {
        "name": "Starter: memory nearly used up", "metric": "memory_headroom", "scope": _FUNCTIONS,
        "comparison": "<", "threshold": 0.05, "window": "1h", "severity": "warning",
        "note": "An invocation used more than 95 % of its memory; a little more and it is killed.",
    },
    {
        "name": "Starter: throttles above 10 %", "metric": "throttle_rate", "scope": _FUNCTIONS,
        "threshold": 0.1, "window": "5m", "severity": "critical", "min_count": 10,
        "note": "The platform refuses calls. Raise the limit of concurrency, or slow the caller.",
    },
    {
        "name": "Starter: close to the concurrency limit", "metric": "concurrency_share",
        "scope": _FUNCTIONS, "threshold": 0.8, "window": "5m", "severity": "warning",
        "note": "Limits are those of [[functions]] concurrency_limit in the settings.",
    },
    {
        "name": "Starter: cold starts above 1 %", "metric": "cold_start_rate", "scope": _FUNCTIONS,
        "threshold": 0.01, "window": "1h", "severity": "info", "min_count": 100,
        "note": "Worth a look where people wait for the function: provisioned concurrency, a "
        "snapshot or a smaller package make it less.",
    },
    {
        "name": "Starter: iterator age above 2 h", "metric": "iterator_age_s", "scope": _FUNCTIONS,
        "threshold": 7200, "window": "15m", "severity": "critical",
        "note": "The function does not keep up with its stream; beyond its retention records are "
        "lost.",
    },
    {
        "name": "Starter: queue waits longer than 15 min", "metric": "queue_age_s",
        "scope": _QUEUES, "threshold": 900, "window": "15m", "for": "5m", "severity": "warning",
        "note": "Consumers do not keep up, or do not run.",
    },
    {
        "name": "Starter: dead letters", "metric": "dlq_depth", "scope": _QUEUES, "threshold": 0,
        "window": "1h", "severity": "critical",
        "note": "Open the queue: its dead letters by error, whether they would pass now, and the "
        "commands that put them back.",
    },
    {
        "name": "Starter: dead-lettered events", "metric": "flow_dead_lettered", "scope": _FLOWS,
        "threshold": 0, "window": "1h", "severity": "critical",
        "note": "Event traces ended on a dead-letter queue, also where no metric tells of it.",
    },
)  # fmt: skip


def starter_set(owner: str | None = None, targets: Sequence[str] = ()) -> list[dict[str, Any]]:
    """The documents of the rules; ``owner`` is whom dead letters belong to."""
    return [
        dict(rule) | {"owner": owner or DEFAULT_OWNER, "targets": list(targets)} for rule in _RULES
    ]
