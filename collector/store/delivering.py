"""What delivering alerts asks of the store and puts into it; statements in sql/delivery.

Deliveries are planned and marked by one thread, in transactions of their own; silences and targets
are written by whoever saves them. None of it is touched by the ingest of telemetry.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from duckdb import DuckDBPyConnection as Cursor

from collector.model.delivery import (
    GIVEN_UP,
    SENT,
    Alert,
    Attempt,
    Change,
    Delivery,
    Ending,
    LastDelivery,
    NewDelivery,
    OpenDelivery,
    Silence,
)
from collector.store.sql import Statements

DELIVERY: Final = Statements(
    "delivery",
    [
        "progress", "mark_planned", "new_changes", "insert_delivery", "open_deliveries",
        "last_deliveries", "join_message", "silence_deliveries", "wake_deliveries",
        "end_deliveries", "end_attempt", "insert_test", "forget_deliveries", "delivery_list",
        "targets", "insert_target", "delete_target", "silences", "insert_silence", "end_silence",
        "told_targets",
    ],
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class StoredTarget:
    """A target as the store has it: the JSON of its settings, secrets included."""

    name: str
    document: str
    created_ns: int
    changed_ns: int


def progress(cursor: Cursor) -> tuple[int, int]:
    """The number of the last change that is planned, and of the last there is."""
    planned, newest = DELIVERY.rows(cursor, "progress")[0]
    return planned, newest


def new_changes(cursor: Cursor, after_seq: int, most: int) -> list[Change]:
    """The changes after one, in their order."""
    rows = DELIVERY.rows(cursor, "new_changes", after_seq=after_seq, most=most)
    return [Change(*(*row[:-1], tuple(row[-1]))) for row in rows]


def told_targets(cursor: Cursor, after_seq: int, up_to_seq: int) -> dict[str, list[str]]:
    """By resolved change, of those after one up to another: who was last told that it fires."""
    rows = DELIVERY.rows(cursor, "told_targets", after_seq=after_seq, up_to_seq=up_to_seq)
    found: dict[str, list[str]] = {}
    for change_id, target in rows:
        found.setdefault(change_id, []).append(target)
    return found


def add_deliveries(cursor: Cursor, new: Iterable[NewDelivery], now_ns: int) -> None:
    """Writes down what is to be sent, and what is not and why."""
    for each in new:
        DELIVERY.run(
            cursor,
            "insert_delivery",
            change_id=each.change_id,
            change_seq=each.change_seq,
            target=each.target,
            rule_id=each.rule_id,
            rule_name=each.rule_name,
            group=each.group,
            severity=each.severity,
            alert_state=each.alert_state,
            reason=each.reason,
            state=each.state,
            next_ns=each.next_ns,
            now_ns=now_ns,
            ended_ns=None if each.error is None else now_ns,
            error=each.error,
        )


def mark_planned(cursor: Cursor, seq: int) -> None:
    """Changes up to a number have their deliveries."""
    DELIVERY.run(cursor, "mark_planned", seq=seq)


def open_deliveries(cursor: Cursor) -> list[OpenDelivery]:
    """What has not ended, in order of the changes."""
    rows = DELIVERY.rows(cursor, "open_deliveries")
    return [OpenDelivery(*(*row[:10], Alert(*row[10:]))) for row in rows]


def last_deliveries(cursor: Cursor) -> list[LastDelivery]:
    """The last delivery of each alert that fires now, by target."""
    return [LastDelivery(*row) for row in DELIVERY.rows(cursor, "last_deliveries")]


def join_message(cursor: Cursor, ids: Sequence[str], message_id: str, now_ns: int) -> None:
    """From now on these deliveries are one message, whatever happens to the process."""
    DELIVERY.run(
        cursor, "join_message", delivery_ids=list(ids), message_id=message_id, now_ns=now_ns
    )


def silence_deliveries(cursor: Cursor, ids: Sequence[str], silence_id: str, now_ns: int) -> None:
    """These are not sent because of a silence."""
    DELIVERY.run(
        cursor, "silence_deliveries", delivery_ids=list(ids), silence_id=silence_id, now_ns=now_ns
    )


def wake_deliveries(cursor: Cursor, ids: Sequence[str], now_ns: int) -> None:
    """These were silenced and are sent after all."""
    DELIVERY.run(cursor, "wake_deliveries", delivery_ids=list(ids), now_ns=now_ns)


def end_deliveries(
    cursor: Cursor, ids: Sequence[str], state: str, error: str | None, now_ns: int
) -> None:
    """These have ended without being sent."""
    DELIVERY.run(
        cursor, "end_deliveries", delivery_ids=list(ids), state=state, error=error, now_ns=now_ns
    )


def end_attempt(cursor: Cursor, message_id: str, ending: Ending) -> None:
    """What became of a message."""
    DELIVERY.run(
        cursor,
        "end_attempt",
        message_id=message_id,
        state=ending.state,
        attempts=ending.attempts,
        next_ns=ending.next_ns,
        ended_ns=ending.ended_ns,
        status=ending.attempt.status,
        latency_ms=ending.attempt.latency_ms,
        error=ending.attempt.error,
    )


def add_test(cursor: Cursor, target: str, message_id: str, attempt: Attempt, now_ns: int) -> None:
    """A test message, sent or not."""
    DELIVERY.run(
        cursor,
        "insert_test",
        target=target,
        message_id=message_id,
        state=SENT if attempt.error is None else GIVEN_UP,
        status=attempt.status,
        latency_ms=attempt.latency_ms,
        error=attempt.error,
        now_ns=now_ns,
    )


def forget_deliveries(cursor: Cursor, before_ns: int) -> None:
    """Deletes what ended and is older."""
    DELIVERY.run(cursor, "forget_deliveries", before_ns=before_ns)


def list_deliveries(
    cursor: Cursor,
    since_ns: int,
    until_ns: int,
    most: int,
    *,
    target: str | None = None,
    rule: str | None = None,
    state: str | None = None,
) -> list[Delivery]:
    """The delivery log, newest first; ``rule`` is an id or a name."""
    rows = DELIVERY.rows(
        cursor,
        "delivery_list",
        since_ns=since_ns,
        until_ns=until_ns,
        most=most,
        target=target,
        rule=rule,
        state=state,
    )
    return [Delivery(*row) for row in rows]


def stored_targets(cursor: Cursor) -> list[StoredTarget]:
    """The targets that were saved, by name."""
    return [StoredTarget(*row) for row in DELIVERY.rows(cursor, "targets")]


def save_target(cursor: Cursor, target: StoredTarget) -> None:
    """Saves a target in place of the one of its name."""
    DELIVERY.run(cursor, "delete_target", target=target.name)
    DELIVERY.run(
        cursor,
        "insert_target",
        target=target.name,
        document=target.document,
        created_ns=target.created_ns,
        changed_ns=target.changed_ns,
    )


def delete_target(cursor: Cursor, name: str) -> None:
    """Removes a saved target; what waits for it is given up."""
    DELIVERY.run(cursor, "delete_target", target=name)


def list_silences(cursor: Cursor, ending_after_ns: int) -> list[Silence]:
    """Silences that end after a time, the last to end first; 0: all there ever were."""
    rows = DELIVERY.rows(cursor, "silences", ending_after_ns=ending_after_ns)
    return [Silence(*row) for row in rows]


def add_silence(cursor: Cursor, silence: Silence) -> None:
    """Saves a new silence."""
    DELIVERY.run(
        cursor,
        "insert_silence",
        silence_id=silence.silence_id,
        rule=silence.rule,
        group=silence.group,
        severity=silence.severity,
        reason=silence.reason,
        author=silence.author,
        starts_ns=silence.starts_ns,
        ends_ns=silence.ends_ns,
        created_ns=silence.created_ns,
    )


def end_silence(cursor: Cursor, silence_id: str, now_ns: int) -> bool:
    """Ends a silence now, and keeps it; False when there is none that goes on or is to come."""
    return bool(DELIVERY.rows(cursor, "end_silence", silence_id=silence_id, now_ns=now_ns))
