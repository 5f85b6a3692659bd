"""The evidence of one incident: the metric around it, the event traces and the log lines that
prove it. A page writes it as one file; here is what goes into it."""

import re
from dataclasses import dataclass
from typing import Final

from collector.alerts.book import Book
from collector.alerts.desk import UnknownRule
from collector.alerts.metrics import metric_of
from collector.alerts.preview import Episode, PreviewSeries, preview
from collector.alerts.rules import Rule
from collector.alerts.sources import Answers
from collector.model.alert import AlertChange
from collector.model.event_filter import EventFilter, shape_number
from collector.model.event_trace import EventTraceSummary
from collector.model.log import LogRecord
from collector.model.window import Window
from collector.store import alerts as store
from collector.store.queries.event_traces import list_event_traces
from collector.store.queries.logs import list_logs

_SHAPE: Final = re.compile(r"[0-9a-f]{16}", re.ASCII)
_MOST_TRACES: Final = 20
_MOST_READ: Final = 500
_MOST_LOGS: Final = 100
_WARN: Final = 13  # OTLP's number of the least warning
# So much of the time before and after is shown, of the length of the rule's window.
_AROUND: Final = 3
_LEAST_AROUND_NS: Final = 15 * 60 * 10**9
# What a metric is about narrows the event traces that prove it.
_STATUS: Final = {"flow_dead_lettered": "dead_lettered", "dlq_depth": "dead_lettered",
                  "dlq_age_s": "dead_lettered",
                  "dlq_age_since_first_sent_s": "dead_lettered"}  # fmt: skip
# Event traces with a failure come first: one that was retried with success has ended well.
_FAILURES: Final = ("errors", "error_rate", "timeouts", "out_of_memory", "flow_success_rate",
                    "slo_burn_rate")  # fmt: skip
_SORT: Final = {"flow_p95_ms": "duration", "duration_p50_ms": "duration",
                "duration_p95_ms": "duration", "duration_p99_ms": "duration",
                "retries": "retries", "queue_age_s": "wait"}  # fmt: skip


class UnknownChange(UnknownRule):
    """There is no change of that id."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """One incident. ``rule`` None: it was deleted since, and its metric cannot be drawn again.

    ``series``: the metric of the alert's group; ``episodes``: when the rule holds in what is shown.
    ``changes``: all that was told of this alert in ``window``. Event traces are those that show
    what the metric is about; ``logs`` are warnings and worse, the newest first.
    """

    change: AlertChange
    rule: Rule | None
    window: Window
    series: PreviewSeries | None
    episodes: tuple[Episode, ...]
    changes: tuple[AlertChange, ...]
    event_traces: tuple[EventTraceSummary, ...]
    logs: tuple[LogRecord, ...]


def read_bundle(answers: Answers, book: Book, change_id: str, now_ns: int) -> Bundle:
    """What proves a change of an alert.

    Raises:
        UnknownChange: there is none of that id, or it was forgotten.
    """
    change = answers.ask(lambda cursor: store.read_change(cursor, change_id))
    if change is None:
        raise UnknownChange(
            f"there is no change {change_id[:80]!r}: GET /api/v1/alerts/history lists those kept"
        )
    rule = book.watched.get(change.rule_id)
    window = _around(change, rule, now_ns)
    series, episodes = _series(answers, book, rule, change, window)
    filters = _filters(change)
    sort = _SORT.get(change.metric, "start")
    traces = answers.ask(
        lambda cursor: list_event_traces(cursor, window, filters, sort=sort, limit=_MOST_READ)
    ).event_traces
    if change.metric in _FAILURES:
        traces = tuple(sorted(traces, key=lambda each: each.error_count == 0))
    logs = answers.ask(
        lambda cursor: list_logs(
            cursor, window, function=_function(change), least_severity=_WARN, limit=_MOST_LOGS
        )
    )
    changes = answers.ask(
        lambda cursor: store.list_changes(
            cursor, window, rule_id=change.rule_id, group=change.group
        )
    )
    return Bundle(
        change=change,
        rule=rule,
        window=window,
        series=series,
        episodes=episodes,
        changes=tuple(changes),
        event_traces=traces[:_MOST_TRACES],
        logs=logs.logs,
    )


def _around(change: AlertChange, rule: Rule | None, now_ns: int) -> Window:
    length_ns = rule.window_ns if rule else 0
    around_ns = max(_LEAST_AROUND_NS, min(length_ns * _AROUND, 86_400 * 10**9))
    return Window(change.since_ns - around_ns, min(now_ns, change.changed_ns + around_ns) + 1)


def _series(
    answers: Answers, book: Book, rule: Rule | None, change: AlertChange, window: Window
) -> tuple[PreviewSeries | None, tuple[Episode, ...]]:
    if rule is None:
        return None, ()
    found = preview(answers, rule, window, objectives=book.objectives, only=change.group)
    series = next((each for each in found.series if each.group == change.group), None)
    return series, tuple(each for each in found.episodes if each.group == change.group)


def _filters(change: AlertChange) -> EventFilter:
    kind = metric_of(change.metric).kind
    status = _STATUS.get(change.metric)
    if kind == "function":
        return EventFilter(
            function=change.group or None,
            cold=True if change.metric in ("cold_start_rate", "init_p95_ms") else None,
            retried=True if change.metric == "retries" else None,
            duplicate=True if change.metric == "duplicates" else None,
        )
    if kind == "queue":
        return EventFilter.parse(f'"[{change.group}]"' if change.group else "",
                                 EventFilter(status=status))  # fmt: skip
    if kind == "flow" and _SHAPE.fullmatch(change.group):
        return EventFilter(shape_id=shape_number(change.group), status=status)
    return EventFilter(function=change.group or None, status=status)


def _function(change: AlertChange) -> str | None:
    return change.group or None if metric_of(change.metric).kind == "function" else None
