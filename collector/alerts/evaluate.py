"""Decides what an alert does next: pure, so every case is a row of a table in its tests.

    inactive --holds--> pending --holds for `for`--> firing --not any more, for `keep_firing_for`-->
    resolved --after a while--> inactive

A rule without a `for` fires at once. What is not known changes nothing, for a day at most: a queue
of which nothing is told any more is gone.
"""

from dataclasses import dataclass, replace
from typing import Final

from collector.alerts.rules import Rule
from collector.model.alert import FIRING, INACTIVE, PENDING, RESOLVED, AlertState

UNKNOWN_KEPT_NS: Final = 24 * 3600 * 10**9
"""An alert of a rule that keeps what was known is over after so long without a word."""

RESOLVED_KEPT_NS: Final = 3600 * 10**9
"""A resolved alert stays in the list this long."""


@dataclass(frozen=True, slots=True)
class Sample:
    """What a metric says of one group. ``value`` None: no data. ``count``: how many observations
    the value rests on, None where that means nothing.

    ``blind``: the window reaches into a time that was not watched, so too little may be known:
    a value may show that the condition holds, never that it does not.
    """

    value: float | None
    count: int | None = None
    blind: bool = False


def inactive(rule_id: str, group: str, now_ns: int) -> AlertState:
    """The state of an alert that nothing has been said of."""
    return AlertState(rule_id, group, INACTIVE, now_ns, now_ns, None, None, None, now_ns)


def evaluate(rule: Rule, sample: Sample, previous: AlertState, now_ns: int) -> AlertState:
    """The state after this sample; a change is a state that is not the one before."""
    held = _holds(rule, sample, previous, now_ns)
    seen = replace(
        previous,
        value=previous.value if held is None and sample.value is None else sample.value,
        observed_ns=previous.observed_ns if sample.value is None else now_ns,
        evaluated_ns=now_ns,
    )
    if held is None:
        return seen
    if previous.state == FIRING:
        return replace(seen, clear_ns=None) if held else _easing(rule, seen, now_ns)
    if held:
        return _rising(rule, seen, now_ns)
    if previous.state == RESOLVED and now_ns - previous.since_ns < RESOLVED_KEPT_NS:
        return seen
    return replace(seen, state=INACTIVE, since_ns=now_ns, began_ns=now_ns)


def after_gap(state: AlertState, gap_ns: int, now_ns: int) -> AlertState:
    """The state as if a time in which nothing was evaluated had not been: it proves nothing.

    Also after the clock went back, where no time of a state may lie ahead.
    """
    moved = max(0, gap_ns)
    clear_ns = state.clear_ns
    if state.state == PENDING:
        return replace(
            state,
            since_ns=min(state.since_ns + moved, now_ns),
            began_ns=min(state.began_ns + moved, now_ns),
        )
    return replace(
        state,
        since_ns=min(state.since_ns, now_ns),
        began_ns=min(state.began_ns, now_ns),
        clear_ns=None if clear_ns is None else min(clear_ns + moved, now_ns),
    )


def _holds(rule: Rule, sample: Sample, previous: AlertState, now_ns: int) -> bool | None:
    """Whether the condition holds; None: not known."""
    if sample.value is None:
        if sample.blind:
            return None
        if rule.no_data == "keep":
            told_ns = previous.observed_ns or previous.since_ns
            return None if now_ns - told_ns < max(UNKNOWN_KEPT_NS, rule.window_ns) else False
        return rule.no_data == "alert"
    if sample.count is not None and sample.count < rule.min_count:
        return None if sample.blind else False
    firing = previous.state == FIRING
    if rule.holds_on(sample.value) if firing else rule.breaches(sample.value):
        return True if not sample.blind or rule.comparison in (">", ">=") else None
    return None if sample.blind else False


def _rising(rule: Rule, state: AlertState, now_ns: int) -> AlertState:
    if state.state != PENDING:
        state = replace(state, state=PENDING, since_ns=now_ns, began_ns=now_ns, clear_ns=None)
    if now_ns - state.began_ns >= rule.for_ns:
        return replace(state, state=FIRING, since_ns=now_ns, clear_ns=None)
    return state


def _easing(rule: Rule, state: AlertState, now_ns: int) -> AlertState:
    clear_ns = now_ns if state.clear_ns is None else state.clear_ns
    if now_ns - clear_ns >= rule.keep_firing_for_ns:
        return replace(state, state=RESOLVED, since_ns=now_ns, clear_ns=None)
    return replace(state, clear_ns=clear_ns)
