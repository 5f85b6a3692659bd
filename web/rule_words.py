"""What a rule means, in words: its name when nobody gave one, and the sentence of the editor."""

from collections.abc import Mapping
from typing import Final

from collector.alerts.metrics import metric_of
from collector.alerts.rules import Rule
from collector.model.durations import duration

_IS: Final = {">": "above", ">=": "at or above", "<": "below", "<=": "at or below"}
_OVER: Final = {">": "at or below", ">=": "below", "<": "at or above", "<=": "above"}
_ALL: Final = {
    "function": "all functions together", "queue": "all queues together",
    "flow": "all events together", "objective": "its objective",
}  # fmt: skip
_EACH: Final = {"function": "function", "queue": "queue", "flow": "flow"}
_NO_DATA: Final[Mapping[str, str]] = {
    "ok": "no data counts as good",
    "keep": "no data leaves it as it is",
    "alert": "no data fires too",
}
_LONGEST: Final = 80


def condition(rule: Rule) -> str:
    """``above 5 %``."""
    return f"{_IS[rule.comparison]} {metric_of(rule.metric).text(rule.threshold)}"


def about(rule: Rule) -> str:
    """``each function orders-*``, ``all functions together``, ``orders-api``."""
    kind, scope = metric_of(rule.metric).kind, rule.scope
    name = scope.function or scope.queue or scope.flow
    of = f" of {scope.provider}" if scope.provider else ""
    if name is None:
        return f"each {_EACH.get(kind, 'part')}{of}" if of else _ALL[kind]
    if name == "*":
        return f"each {_EACH.get(kind, 'part')}{of}"
    glob = any(letter in name for letter in "*?[")
    return f"each {_EACH.get(kind, 'part')} {name}{of}" if glob else f"{name}{of}"


def title_of(rule: Rule) -> str:
    """A name that says the rule: ``Error rate of orders-* above 5 %``."""
    scope = rule.scope
    name = scope.function or scope.queue or scope.flow or scope.provider
    of = "" if name in (None, "*") else f" of {str(name)[:_LONGEST]}"
    return f"{metric_of(rule.metric).title}{of} {condition(rule)}"


def meaning(rule: Rule) -> str:
    """The whole of it, in one or two sentences."""
    metric = metric_of(rule.metric)
    held = f" and has been for {duration(rule.for_ns)}" if rule.for_ns else ""
    said = (
        f"Fires when the {_lower(metric.title)} of {about(rule)} is {condition(rule)} over the "
        f"last {duration(rule.window_ns)}{held}"
    )
    if rule.min_count:
        said += f", counted from at least {rule.min_count:,} observations"
    bound = rule.threshold if rule.resolve_threshold is None else rule.resolve_threshold
    back = f"{_OVER[rule.comparison]} {metric.text(bound)}"
    kept = (
        f", and has been for {duration(rule.keep_firing_for_ns)}" if rule.keep_firing_for_ns else ""
    )
    told = ", ".join(rule.targets) if rule.targets else "nobody: it shows here alone"
    return (
        f"{said}. It is over when the value is {back}{kept}; {_NO_DATA[rule.no_data]}. "
        f"Tells {told}, as {rule.severity}."
    )


def _lower(title: str) -> str:
    """A title within a sentence: DLQ and the like stay as they are."""
    return title if title[:2].isupper() else title[:1].lower() + title[1:]
