"""What a person is told of a change of an alert: one sentence."""

from typing import Final

from collector.alerts.metric import Metric, value_text
from collector.alerts.rules import Rule
from collector.model.alert import FIRING, PENDING, AlertState
from collector.model.durations import duration

_WORDS: Final = {">": "above", ">=": "at or above", "<": "below", "<=": "at or below"}
_ALL: Final = {"function": "all functions", "queue": "all queues", "flow": "all flows"}


def sentence(rule: Rule, metric: Metric, state: AlertState, label: str | None = None) -> str:
    """``Error rate of orders: 12.5 %, above 10 % (window 5 min)``; ``label`` names the group."""
    about = f"{metric.title} of {label or state.group or _ALL.get(metric.kind, rule.name)}"
    bound = f"{_WORDS[rule.comparison]} {value_text(rule.threshold, metric.unit)}"
    said = value_text(state.value, metric.unit)
    if state.state in (PENDING, FIRING):
        if state.value is None:
            return f"{about} unknown: nothing was told in the last {duration(rule.window_ns)}"
        held = f" for {duration(rule.for_ns)}" if state.state == FIRING and rule.for_ns else ""
        return f"{about}: {said}, {bound}{held} (window {duration(rule.window_ns)})"
    if state.value is None:
        return f"{about} over: nothing was told in the last {duration(rule.window_ns)}"
    return f"{about}: back at {said} (it alerts {bound})"
