"""What a rule means, in words: its name when nobody gave one, and the sentence of the editor."""

from collections.abc import Mapping
from typing import Final

from collector.alerts.metric import ABSENCE, COUNT, Metric
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
_ANY: Final = {"function": "A function", "queue": "A queue", "flow": "A flow"}
_ONE: Final = ("concurrency", "queue_depth")  # counts that are one thing
_SAID: Final = {
    "out_of_memory": "kills for lack of memory",
    "concurrency_share": "used share of the concurrency limit",
}  # titles that make no sentence
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
    metric, scope = metric_of(rule.metric), rule.scope
    name = scope.function or scope.queue or scope.flow or scope.provider
    short = None if name in (None, "*") else str(name)[:_LONGEST]
    if metric.nature == ABSENCE:
        return f"{short or _ANY[metric.kind]} silent for {metric.text(rule.threshold)}"
    return f"{metric.title}{f' of {short}' if short else ''} {condition(rule)}"


def meaning(rule: Rule) -> str:
    """The whole of it, in a few sentences."""
    metric = metric_of(rule.metric)
    bound = rule.threshold if rule.resolve_threshold is None else rule.resolve_threshold
    back = f"{_OVER[rule.comparison]} {metric.text(bound)}"
    kept = (
        f", and has been for {duration(rule.keep_firing_for_ns)}" if rule.keep_firing_for_ns else ""
    )
    told = f"Tells {', '.join(rule.targets)}" if rule.targets else "Nobody is told, it shows here"
    return (
        f"{_fires(rule, metric)}. It is over when the value is {back}{kept}; "
        f"{_NO_DATA[rule.no_data]}. {told}; severity {rule.severity}."
    )


def _fires(rule: Rule, metric: Metric) -> str:
    held = f" and has been for {duration(rule.for_ns)}" if rule.for_ns else ""
    window = duration(rule.window_ns)
    if metric.nature == ABSENCE:
        what = "invocation" if metric.kind == "function" else "event"
        return (
            f"Fires when the time since the last {what} of {about(rule)} is {condition(rule)}"
            f"{held}; what was not seen for {window} counts as gone"
        )
    counted = f", counted from at least {rule.min_count:,} observations" if rule.min_count else ""
    verb = "are" if metric.unit == COUNT and metric.name not in _ONE else "is"
    what = _SAID.get(metric.name) or _lower(metric.title)
    return (
        f"Fires when the {what} of {about(rule)} {verb} {condition(rule)} over "
        f"the last {window}{held}{counted}"
    )


def _lower(title: str) -> str:
    """A title within a sentence: DLQ and the like stay as they are."""
    return title if title[:2].isupper() else title[:1].lower() + title[1:]
