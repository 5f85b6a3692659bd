"""Rules, alerts and their changes as JSON."""

from typing import Any

import orjson
from typing_extensions import TypedDict

from collector.alerts.metric import Metric
from collector.alerts.metrics import metric_of
from collector.alerts.rules import FILE, Rule
from collector.model.alert import AlertChange, AlertState
from collector.model.window import format_time

# Functional form: "for" is a word of Python.
RuleJson = TypedDict(
    "RuleJson",
    {
        "id": str,
        "name": str,
        "metric": str,
        "scope": dict[str, str],
        "comparison": str,
        "threshold": float,
        "unit": str,
        "window": str,
        "for": str,
        "severity": str,
        "owner": str | None,
        "targets": list[str],
        "note": str | None,
        "no_data": str,
        "resolve_threshold": float | None,
        "keep_firing_for": str,
        "min_count": int,
        "enabled": bool,
        "source": str,
        "read_only": bool,
        "error": str | None,
    },
)


class AlertJson(TypedDict):
    """One alert that is not inactive. group: what it is about, "" for all together."""

    rule_id: str
    name: str
    group: str
    state: str
    severity: str
    metric: str
    scope: dict[str, str]
    value: float | None
    threshold: float
    unit: str
    since: str
    began: str
    observed_at: str | None
    owner: str | None
    summary: str


class AlertChangeJson(TypedDict):
    """One change of an alert."""

    change_id: str
    rule_id: str
    name: str
    group: str
    state: str
    severity: str
    metric: str
    scope: dict[str, str]
    value: float | None
    threshold: float
    unit: str
    since: str
    changed_at: str
    owner: str | None
    summary: str


class MetricJson(TypedDict):
    """A metric that rules may watch, with what it is by default."""

    metric: str
    title: str
    unit: str
    scope: list[str]
    description: str
    comparison: str
    threshold: float
    window: str
    no_data: str
    needs_owner: bool


def rule_json(rule: Rule, error: str | None = None) -> RuleJson:
    """A rule as the API gives it; what it takes has the same names."""
    document: Any = rule.document()
    more = {
        "id": rule.id,
        "unit": metric_of(rule.metric).unit,
        "source": rule.source,
        "read_only": rule.source == FILE,
        "error": error,
    }
    found: RuleJson = document | more
    return found


def alert_json(rule: Rule, state: AlertState, summary: str) -> AlertJson:
    """An alert and the rule it is of."""
    return {
        "rule_id": rule.id,
        "name": rule.name,
        "group": state.group,
        "state": state.state,
        "severity": rule.severity,
        "metric": rule.metric,
        "scope": rule.scope.document(),
        "value": state.value,
        "threshold": rule.threshold,
        "unit": metric_of(rule.metric).unit,
        "since": format_time(state.since_ns),
        "began": format_time(state.began_ns),
        "observed_at": None if state.observed_ns is None else format_time(state.observed_ns),
        "owner": rule.owner,
        "summary": summary,
    }


def change_json(change: AlertChange) -> AlertChangeJson:
    """A change as it was told."""
    return {
        "change_id": change.change_id,
        "rule_id": change.rule_id,
        "name": change.rule_name,
        "group": change.group,
        "state": change.state,
        "severity": change.severity,
        "metric": change.metric,
        "scope": orjson.loads(change.scope),
        "value": change.value,
        "threshold": change.threshold,
        "unit": change.unit,
        "since": format_time(change.since_ns),
        "changed_at": format_time(change.changed_ns),
        "owner": change.owner,
        "summary": change.summary,
    }


def metric_json(metric: Metric, scopes: list[str]) -> MetricJson:
    """A metric as forms offer it."""
    return {
        "metric": metric.name,
        "title": metric.title,
        "unit": metric.unit,
        "scope": scopes,
        "description": metric.description,
        "comparison": metric.comparison,
        "threshold": metric.threshold,
        "window": metric.window,
        "no_data": metric.no_data,
        "needs_owner": metric.needs_owner,
    }
