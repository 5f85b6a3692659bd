"""Alerts as pages list them: each with what it is about, where its event traces are, and whether it
is kept quiet.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from collector.alerts.metrics import metric_of
from collector.alerts.rules import OBJECTIVE, Rule
from collector.alerts.standing import Standing
from collector.model.alert import AlertState
from collector.model.delivery import Silence
from collector.model.event_filter import only
from collector.model.window import format_time
from web import alert_urls, cost_urls, urls
from web.urls import EventQuery, Range

_AROUND_NS: Final = 60 * 10**9
_OF_BUDGETS: Final = "budget_projected"  # its groups are patterns of functions, or "all"

# What the event traces have in common that made a metric what it is.
_SHOWS: Final[dict[str, dict[str, str]]] = {
    "cold_start_rate": {"cold": "yes"},
    "init_p95_ms": {"cold": "yes"},
    "error_rate": {"status": "error"},
    "errors": {"status": "error"},
    "timeouts": {"status": "error"},
    "out_of_memory": {"status": "error"},
    "retries": {"retried": "yes"},
    "duplicates": {"duplicate": "yes"},
    "duration_p50_ms": {"sort": "duration"},
    "duration_p95_ms": {"sort": "duration"},
    "duration_p99_ms": {"sort": "duration"},
    "dlq_depth": {"status": "dead_lettered"},
    "dlq_age_s": {"status": "dead_lettered"},
    "dlq_age_since_first_sent_s": {"status": "dead_lettered"},
    "queue_age_s": {"sort": "wait"},
    "queue_depth": {"sort": "wait"},
    "flow_success_rate": {"status": "error"},
    "flow_p95_ms": {"sort": "duration"},
    "flow_dead_lettered": {"status": "dead_lettered"},
}


@dataclass(frozen=True, slots=True)
class AlertRow:
    """One alert. ``subject_url``: the page of its function, queue or flow; None: there is none.

    ``traces``: which event traces made it so; ``evidence_url`` None: nothing was told of it.
    """

    rule: Rule
    state: AlertState
    summary: str
    kind: str
    subject_url: str | None
    traces_url: str
    traces: EventQuery
    evidence_url: str | None
    rule_url: str
    silence: Silence | None

    @property
    def value(self) -> str:
        return metric_of(self.rule.metric).text(self.state.value)

    @property
    def threshold(self) -> str:
        return metric_of(self.rule.metric).text(self.rule.threshold)


def row_of(standing: Standing, silences: Iterable[Silence], span: Range, now_ns: int) -> AlertRow:
    """An alert as the pages show it."""
    rule, state = standing.rule, standing.state
    kind = metric_of(rule.metric).kind
    of_objective = rule.source == OBJECTIVE
    query = causes(rule, state.group)
    return AlertRow(
        rule=rule,
        state=state,
        summary=standing.summary,
        kind=kind,
        subject_url=cost_urls.advice(span)
        if rule.metric == _OF_BUDGETS
        else subject_url(kind, state.group, span),
        traces_url=urls.events(range_of(rule, state, now_ns), query),
        traces=query,
        evidence_url=alert_urls.evidence(standing.change_id) if standing.change_id else None,
        rule_url=alert_urls.slo(rule.objective or "", span)
        if of_objective
        else alert_urls.rule(rule.id, span),
        silence=next(
            (
                each
                for each in silences
                if each.active(now_ns)
                and each.takes(rule.id, rule.name, state.group, rule.severity)
            ),
            None,
        ),
    )


def subject_url(kind: str, group: str, span: Range) -> str | None:
    """The page of a function, queue or flow; None where there is none."""
    if not group:
        return None
    if kind == "function":
        return urls.function(group, span)
    if kind == "queue":
        return urls.queue(group, span)
    return urls.events(span, _of_flow(group)) if kind == "flow" else None


def causes(rule: Rule, group: str) -> EventQuery:
    """Which event traces made the metric what it is."""
    kind = metric_of(rule.metric).kind
    shows = EventQuery(**_SHOWS.get(rule.metric, {}))
    if rule.metric == _OF_BUDGETS:
        return shows
    if kind == "flow" and group:
        of = _of_flow(group)
        return shows.but(function=of.function, shape=of.shape)
    if kind == "queue" and group:
        return shows.but(q=group)
    if kind == "objective":
        return EventQuery(status="error", function=rule.scope.function or rule.scope.flow or "")
    return shows.but(function=only(group) or rule.scope.function or "")


def range_of(rule: Rule, state: AlertState, now_ns: int) -> Range:
    """From the first window in which the condition held until now."""
    since_ns = state.began_ns - rule.window_ns - _AROUND_NS
    until_ns = now_ns if state.state != "resolved" else state.since_ns + _AROUND_NS
    return Range(format_time(since_ns // 10**9 * 10**9), format_time(until_ns // 10**9 * 10**9))


def _of_flow(group: str) -> EventQuery:
    """A flow's group is the function it begins with, or the id of a path: 16 hex digits."""
    is_shape = len(group) == 16 and all(letter in "0123456789abcdef" for letter in group)
    return EventQuery(shape=group) if is_shape else EventQuery(function=only(group))
