"""What a rule's metric says in one window, of each group its scope selects or of all together."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from collector.alerts.burning import burn
from collector.alerts.evaluate import Sample
from collector.alerts.metric import Metric
from collector.alerts.metrics import metric_of
from collector.alerts.objectives import Objective
from collector.alerts.rules import Rule, Scope
from collector.alerts.sources import Answers, Subject
from collector.model.window import Window

PATH_PREFIXES: Final = ("shape:", "path:")
_COMBINE: Final[dict[str, Callable[[Sequence[float]], float]]] = {
    "sum": sum,
    "max": max,
    "min": min,
}


def samples(
    answers: Answers, rule: Rule, end_ns: int, objectives: Mapping[str, Objective] | None = None
) -> dict[str, Sample]:
    """By group, of the rule's window that ends at ``end_ns``; a group without a word is missing.

    ``objectives``: by id, those that rules may watch over.
    """
    if rule.objective is not None:
        objective = (objectives or {})[rule.objective]
        found_burn = burn(answers, objective, rule.window_ns, end_ns)
        return {"": Sample(found_burn.rate, found_burn.count)}
    metric = metric_of(rule.metric)
    found = answers.subjects(*asked(rule, end_ns))
    if rule.scope.is_all and metric.together == "whole":
        return {} if found.whole is None else {"": _sample(metric, found.whole)}
    if rule.scope.is_all:
        return {"": _together(metric, found.each)} if found.each else {}
    return {
        each.group: _sample(metric, each.figures)
        for each in found.each
        if _meant(metric, rule.scope, each)
    }


def asked(rule: Rule, end_ns: int) -> tuple[str, Window]:
    """The source a rule reads, and the window of it; of rules without an objective."""
    metric = metric_of(rule.metric)
    source = metric.whole_source if rule.scope.is_all and metric.whole_source else metric.source
    return source, Window(end_ns - rule.window_ns, end_ns)


def _sample(metric: Metric, figures: object) -> Sample:
    return Sample(metric.read(figures), metric.count(figures))


def _together(metric: Metric, subjects: Sequence[Subject]) -> Sample:
    """The values of all that have one, made one; no data when none has."""
    read = [_sample(metric, each.figures) for each in subjects]
    known = [each.value for each in read if each.value is not None]
    counts = [each.count for each in read if each.count is not None]
    value = _COMBINE[metric.together](known) if known else None
    return Sample(value, sum(counts) if counts else None)


def _meant(metric: Metric, scope: Scope, subject: Subject) -> bool:
    glob = {"function": scope.function, "queue": scope.queue, "flow": scope.flow}[metric.kind]
    names = subject.names
    if not (glob or "").startswith(PATH_PREFIXES):
        # "*" means what events begin with, not each of the paths they take as well
        names = tuple(name for name in names if not name.startswith(PATH_PREFIXES))
    return scope.takes(names, glob, subject.provider) if names else False


def is_of_all(rule: Rule) -> bool:
    """Whether a rule makes one alert, not one for each thing in its scope."""
    return rule.scope.is_all or rule.objective is not None


def could_be(rule: Rule, group: str) -> bool:
    """Whether an alert of this group can be one of the rule: false once its scope was changed."""
    if is_of_all(rule) or not group:
        return is_of_all(rule) and not group
    glob = {"function": rule.scope.function, "queue": rule.scope.queue}.get(
        metric_of(rule.metric).kind
    )
    return rule.scope.takes((group,), glob, rule.scope.provider)
