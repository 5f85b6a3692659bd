"""What a time in which the collector did not watch does to what rules may conclude."""

from typing import Final

from collector.alerts.metric import ABSENCE, AMOUNT, Metric
from collector.alerts.rules import Rule
from collector.model.alert import AlertProgress

_NEVER_NS: Final = 10**18
# Evaluations come late when the machine is busy; a gap is more than that.
_LEAST_GAP_NS: Final = 60 * 10**9
_LATE_TICKS: Final = 4
# A gap of less than a tenth of its window takes too little from an amount to mislead.
_SMALL_PART: Final = 10


def progress(before: AlertProgress, now_ns: int, every_ns: int, *, behind: bool) -> AlertProgress:
    """How far evaluating is now. ``behind``: what was taken is not derived yet, as good as a gap.

    A clock that went back is a gap too: what lies ahead of it is not known to be of now.
    """
    if before.evaluated_ns == 0:
        return AlertProgress(now_ns, now_ns, _NEVER_NS)
    gap_ns = now_ns - before.evaluated_ns
    if gap_ns < 0 or gap_ns > max(_LATE_TICKS * every_ns, _LEAST_GAP_NS):
        return AlertProgress(now_ns, now_ns, abs(gap_ns))
    if behind:
        goes_on = before.watched_ns == before.evaluated_ns
        return AlertProgress(now_ns, now_ns, gap_ns + (before.gap_ns if goes_on else 0))
    return AlertProgress(now_ns, before.watched_ns, before.gap_ns)


def gap_of(before: AlertProgress, after: AlertProgress) -> int | None:
    """How long nothing was evaluated just now; None: there was no gap."""
    if before.evaluated_ns == 0 or after.watched_ns == before.watched_ns:
        return None
    return after.evaluated_ns - before.evaluated_ns


def is_blind(rule: Rule, metric: Metric, window_since_ns: int, now: AlertProgress) -> bool:
    """Whether too little of the window was watched for no data, or a small amount, to mean much."""
    if metric.nature == ABSENCE:
        return now.evaluated_ns - now.watched_ns < rule.threshold * 1e9
    unwatched_ns = min(now.gap_ns, now.watched_ns - window_since_ns)
    return unwatched_ns * _SMALL_PART > rule.window_ns


def trusts_value(metric: Metric) -> bool:
    """Whether a value stays true although part of its window was not watched."""
    return metric.nature not in (AMOUNT, ABSENCE)
