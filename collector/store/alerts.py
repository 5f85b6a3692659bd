"""What alerts keep in the store: rules, objectives, states and changes; statements in sql/alerts.

States and the changes that led to them go in by one transaction (:func:`save_evaluation`), so a
process that is killed has told of a change and knows that it has, or neither.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from duckdb import DuckDBPyConnection as Cursor

from collector.model.alert import (
    INACTIVE,
    AlertChange,
    AlertProgress,
    AlertState,
    StoredDocument,
)
from collector.model.window import Window
from collector.store.sql import Statements

ALERTS: Final = Statements(
    "alerts",
    [
        "rules", "insert_rule", "delete_rule", "slos", "insert_slo", "delete_slo",
        "states", "insert_states", "delete_states",
        "progress", "forget_evaluated", "mark_evaluated",
        "insert_change", "change", "changes", "last_changes", "forget_changes",
        "see_flows",
        "outcome_hours", "insert_outcome_hour", "delete_outcome_hours", "forget_outcome_hours",
    ],
)  # fmt: skip
_TARGETS: Final = 11  # the place of that column in statements that give changes


def list_rules(cursor: Cursor) -> list[StoredDocument]:
    """Rules that are stored, the oldest first."""
    return [StoredDocument(*row) for row in ALERTS.rows(cursor, "rules")]


def save_rule(cursor: Cursor, rule: StoredDocument) -> None:
    """Stores a rule, in the place of the one with its id."""
    delete_rule(cursor, rule.id)
    ALERTS.run(cursor, "insert_rule", **_document(rule))


def delete_rule(cursor: Cursor, rule_id: str) -> None:
    """Its alerts are ended by the next evaluation."""
    ALERTS.run(cursor, "delete_rule", id=rule_id)


def list_objectives(cursor: Cursor) -> list[StoredDocument]:
    """Service level objectives that are stored, the oldest first."""
    return [StoredDocument(*row) for row in ALERTS.rows(cursor, "slos")]


def save_objective(cursor: Cursor, objective: StoredDocument) -> None:
    """Stores an objective, in the place of the one with its id."""
    delete_objective(cursor, objective.id)
    ALERTS.run(cursor, "insert_slo", **_document(objective))


def delete_objective(cursor: Cursor, slo_id: str) -> None:
    """Its alerts are ended by the next evaluation; what was judged by it is forgotten."""
    ALERTS.run(cursor, "delete_slo", id=slo_id)
    ALERTS.run(cursor, "delete_outcome_hours", slo_id=slo_id)


def list_states(cursor: Cursor) -> list[AlertState]:
    """Alerts that are pending, firing, or resolved a short while ago."""
    return [AlertState(*row) for row in ALERTS.rows(cursor, "states")]


def read_progress(cursor: Cursor) -> AlertProgress:
    """How far evaluating is."""
    return AlertProgress(*ALERTS.rows(cursor, "progress")[0])


def list_changes(
    cursor: Cursor,
    window: Window,
    *,
    rule_id: str | None = None,
    group: str | None = None,
    limit: int = 1000,
) -> list[AlertChange]:
    """Changes in a window, the newest first; of one rule or one alert where asked for."""
    rows = ALERTS.rows(
        cursor,
        "changes",
        since_ns=window.since_ns,
        until_ns=window.until_ns,
        rule_id=rule_id,
        group=group,
        limit=limit,
    )
    return [_change(row) for row in rows]


def read_change(cursor: Cursor, change_id: str) -> AlertChange | None:
    """One change; None: it is not there, or not any more."""
    rows = ALERTS.rows(cursor, "change", id=change_id)
    return _change(rows[0]) if rows else None


def last_changes(cursor: Cursor) -> dict[tuple[str, str], AlertChange]:
    """By rule and group: the newest change of each alert that has a state."""
    found = [_change(row) for row in ALERTS.rows(cursor, "last_changes")]
    return {(each.rule_id, each.group): each for each in found}


def save_evaluation(
    cursor: Cursor,
    progress: AlertProgress,
    before: Iterable[AlertState],
    after: Sequence[AlertState],
    changes: Iterable[AlertChange],
) -> None:
    """Stores what an evaluation came to; the caller's transaction makes it one step.

    ``before``: every state as stored. ``after``: those that are to be written; one that is
    inactive goes.
    """
    known = {(each.rule_id, each.group) for each in before}
    kept = [each for each in after if each.state != INACTIVE]
    old = [each for each in after if _key(each) in known]
    # Written anew: after an update DuckDB does not checkpoint while anybody reads what was before.
    if old:
        ALERTS.run(
            cursor,
            "delete_states",
            rule_ids=[each.rule_id for each in old],
            groups=[each.group for each in old],
        )
    if kept:
        ALERTS.run(cursor, "insert_states", **_columns(kept))
    for change in changes:
        _insert(cursor, change)
    ALERTS.run(cursor, "forget_evaluated")
    ALERTS.run(
        cursor,
        "mark_evaluated",
        evaluated_ns=progress.evaluated_ns,
        watched_ns=progress.watched_ns,
        gap_ns=progress.gap_ns,
    )


def see_flows(cursor: Cursor, window: Window) -> None:
    """Remembers the flow shapes of a window that were never seen before."""
    ALERTS.run(cursor, "see_flows", since_ns=window.since_ns, until_ns=window.until_ns)


def list_outcome_hours(cursor: Cursor, slo_id: str, window: Window) -> dict[int, tuple[int, int]]:
    """By the beginning of an hour in the window: good event traces and all, judged for good."""
    rows = ALERTS.rows(
        cursor,
        "outcome_hours",
        slo_id=slo_id,
        since_ns=window.since_ns,
        until_ns=window.until_ns,
    )
    return {hour_ns: (good, total) for hour_ns, good, total in rows}


def save_outcome_hours(cursor: Cursor, slo_id: str, hours: Mapping[int, tuple[int, int]]) -> None:
    """Remembers how hours were judged; they must not be known yet."""
    for hour_ns, (good, total) in hours.items():
        ALERTS.run(
            cursor, "insert_outcome_hour", slo_id=slo_id, hour_ns=hour_ns, good=good, total=total
        )


def forget_old(cursor: Cursor, before_ns: int) -> None:
    """Deletes changes and judged hours that are older."""
    ALERTS.run(cursor, "forget_changes", before_ns=before_ns)
    ALERTS.run(cursor, "forget_outcome_hours", before_ns=before_ns)


def _key(state: AlertState) -> tuple[str, str]:
    return state.rule_id, state.group


def _document(kept: StoredDocument) -> dict[str, Any]:
    return {
        "id": kept.id,
        "document": kept.document,
        "created_ns": kept.created_ns,
        "changed_ns": kept.changed_ns,
    }


def _columns(states: Sequence[AlertState]) -> dict[str, list[Any]]:
    return {
        "rule_ids": [each.rule_id for each in states],
        "groups": [each.group for each in states],
        "states": [each.state for each in states],
        "since": [each.since_ns for each in states],
        "began": [each.began_ns for each in states],
        "clear": [each.clear_ns for each in states],
        "values": [each.value for each in states],
        "observed": [each.observed_ns for each in states],
        "evaluated": [each.evaluated_ns for each in states],
    }


def _insert(cursor: Cursor, change: AlertChange) -> None:
    ALERTS.run(
        cursor,
        "insert_change",
        change_id=uuid.UUID(change.change_id),
        rule_id=change.rule_id,
        rule_name=change.rule_name,
        group_name=change.group,
        state=change.state,
        severity=change.severity,
        value=change.value,
        threshold=change.threshold,
        unit=change.unit,
        since_ns=change.since_ns,
        changed_ns=change.changed_ns,
        targets=list(change.targets),
        owner=change.owner,
        note=change.note,
        metric=change.metric,
        scope=change.scope,
        summary=change.summary,
    )


def _change(row: Sequence[Any]) -> AlertChange:
    values = list(row)
    values[_TARGETS] = tuple(values[_TARGETS] or ())
    return AlertChange(*values)
