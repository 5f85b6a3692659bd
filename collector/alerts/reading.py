"""Reads a rule as a person wrote it, in JSON or TOML; what is wrong is said, with the remedy."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any, Final

from collector.alerts.documents import BadRule, Reader, shown
from collector.alerts.metric import Metric
from collector.alerts.metrics import METRICS
from collector.alerts.rules import COMPARISONS, NO_DATA, SEVERITIES, STORED, Rule, Scope

_FIELDS: Final = (
    "name", "metric", "scope", "comparison", "threshold", "window", "for", "severity", "owner",
    "targets", "note", "no_data", "resolve_threshold", "keep_firing_for", "min_count", "enabled",
)  # fmt: skip
SCOPE_OF: Final = {
    "function": ("function", "provider"),
    "queue": ("queue", "provider"),
    "flow": ("flow",),
}
_SHORTEST_NS: Final = 60 * 10**9
_MOST_TEXT: Final = 2000


def read_rule(given: Any, rule_id: str, source: str = STORED) -> Rule:
    """The rule a document describes; what it leaves out is as its metric suggests.

    Raises:
        BadRule: one line for everything that is wrong.
    """
    if not isinstance(given, Mapping):
        raise BadRule(f"a rule is an object with {', '.join(_FIELDS[:6])}, not {shown(given)}")
    reader = Reader(given)
    reader.only(_FIELDS)
    name = reader.text("name", needed=True)
    metric = _metric(reader)
    scope = _scope(reader, metric)
    window_ns = reader.span("window", metric.window if metric else "5m", least_ns=_SHORTEST_NS)
    comparison = reader.choice("comparison", COMPARISONS, metric.comparison if metric else ">")
    threshold = reader.number("threshold", metric.threshold if metric else None)
    resolve = reader.number("resolve_threshold")
    owner = reader.text("owner")
    if metric and metric.needs_owner and owner is None:
        reader.faults.append(
            f"owner is missing: a rule on {metric.name} needs one, for dead letters that belong to "
            "nobody are never put back; name a team or a person"
        )
    _resolves(reader, comparison, threshold, resolve)
    rule = Rule(
        id=rule_id,
        name=name or "",
        metric=metric.name if metric else "",
        comparison=comparison,
        threshold=threshold or 0.0,
        window_ns=window_ns,
        for_ns=reader.span("for", metric.for_ if metric else "0s"),
        scope=scope,
        severity=reader.choice("severity", SEVERITIES, "warning"),
        owner=owner,
        targets=reader.texts("targets"),
        note=reader.text("note", most=_MOST_TEXT),
        no_data=reader.choice("no_data", NO_DATA, metric.no_data if metric else "ok"),
        resolve_threshold=resolve,
        keep_firing_for_ns=reader.span("keep_firing_for", "0s"),
        min_count=reader.whole("min_count"),
        enabled=reader.flag("enabled", default=True),
        source=source,
    )
    reader.done(f"rule {name!r}" if name else "rule")
    return rule


def _metric(reader: Reader) -> Metric | None:
    name = reader.text("metric", needed=True)
    if name is None or name in METRICS:
        return METRICS.get(name or "")
    near = get_close_matches(name, METRICS, 1)
    hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(METRICS)}"
    reader.faults.append(f"metric {name[:80]!r} is not known: {hint}")
    return None


def _scope(reader: Reader, metric: Metric | None) -> Scope:
    given = reader.given.get("scope")
    if given is None:
        return Scope()
    if not isinstance(given, Mapping):
        reader.faults.append(
            f'scope is {shown(given)}: use an object such as {{"function": "orders-*"}}, '
            "or leave it out to watch everything together"
        )
        return Scope()
    inner = Reader(given)
    takes = SCOPE_OF[metric.kind] if metric else ("function", "queue", "flow", "provider")
    for key in given:
        if key not in takes:
            of = f"{metric.name} takes" if metric else "known are"
            inner.faults.append(f"scope.{key} means nothing here: {of} {' and '.join(takes)}")
    scope = Scope(**{name: inner.text(name) for name in takes})
    reader.faults.extend(inner.faults)
    return scope


def _resolves(
    reader: Reader, comparison: str, threshold: float | None, resolve: float | None
) -> None:
    if threshold is None:
        if "threshold" not in reader.given:
            reader.faults.append("threshold is missing: give a number, in the metric's unit")
        return
    if resolve is None:
        return
    above = comparison in (">", ">=")
    if resolve > threshold if above else resolve < threshold:
        side = "above" if above else "below"
        reader.faults.append(
            f"resolve_threshold {resolve:g} is {side} the threshold {threshold:g}: an alert that "
            f"fires at {comparison} {threshold:g} is over when the value comes back further, so "
            f"use {'less' if above else 'more'} than the threshold"
        )
