"""Queues and dead-letter queues: how full, how old, and what ended there."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from duckdb import DuckDBPyConnection as Cursor

from collector.model.health import DeadLetterGroup, QueueDetail, QueueHealth, QueuePoint
from collector.model.redrive import Place, QueueRule, plan, source_of
from collector.model.window import Window
from collector.store.queries.registry import MAX_ROWS, QUERIES
from collector.store.queries.steps import before, step_of

_COLUMNS: Final = (
    "queue", "provider", "region", "account_id", "is_dlq", "source_queue", "source_evidence",
    "depth", "oldest_age_s", "in_rate", "out_rate", "observed_ns", "evidence",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Found:
    health: QueueHealth
    place: Place


@dataclass(frozen=True, slots=True)
class Tellers:
    """What there is that tells of queues."""

    metrics: bool
    messages: bool
    dead_letters: bool


@dataclass(frozen=True, slots=True)
class Ended:
    """Event traces that ended dead-lettered with a message of one queue.

    ``waiting``: those of which no message was seen to be taken from its dead-letter queue, and when
    the first of them failed for the last time; None where there are none.
    """

    first_sent_ns: int
    waiting: int
    waiting_since_ns: int | None


@dataclass(frozen=True, slots=True)
class QueueSurvey:
    """Queues, dead-letter queues first, and those of the window before, if asked for.

    ``dead_letters``: by queue, when the earliest event trace that ended dead-lettered began.
    """

    queues: list[QueueHealth]
    earlier: list[QueueHealth]
    dead_letters: dict[str, int]


def survey_queues(
    cursor: Cursor, window: Window, rules: Iterable[QueueRule] = (), *, earlier: bool = False
) -> QueueSurvey:
    """Queues that metrics or messages tell of in the window, and the ages of dead letters."""
    known = tuple(rules)
    since_ns = before(window).since_ns if earlier else window.since_ns
    tellers = queue_tellers(cursor, since_ns=since_ns, until_ns=window.until_ns)
    ended, found = _queues(cursor, window, known, tellers)
    ages = {name: each.first_sent_ns for name, each in ended.items()}
    then = _queues(cursor, before(window), known, tellers)[1] if earlier else []
    return QueueSurvey(_listed(found), _listed(then), ages)


def _listed(found: Iterable[_Found]) -> list[QueueHealth]:
    queues = (each.health for each in found)
    return sorted(queues, key=lambda each: (not each.is_dlq, each.name))


def list_queues(
    cursor: Cursor, window: Window, *, rules: Iterable[QueueRule] = ()
) -> list[QueueHealth]:
    """Queues that metrics or messages tell of in the window, dead-letter queues first."""
    return survey_queues(cursor, window, rules).queues


def read_queue(
    cursor: Cursor,
    name: str,
    window: Window,
    *,
    rules: Iterable[QueueRule] = (),
    steps: int = 60,
) -> QueueDetail | None:
    """One queue over time and what ended in it; None when nothing tells of it in the window."""
    tellers = queue_tellers(cursor, since_ns=window.since_ns, until_ns=window.until_ns)
    _, queues = _queues(cursor, window, tuple(rules), tellers)
    found = {each.health.name: each for each in queues}
    if name not in found:
        return None
    health, place = found[name].health, found[name].place
    step_ns = step_of(window, steps)
    names = [name, *([health.source_queue] if health.source_queue else [])]
    return QueueDetail(
        health=health,
        partner=_partner(health, [each.health for each in found.values()]),
        series=tuple(_series(cursor, health, window, step_ns)),
        step_ns=step_ns,
        dead_letters=tuple(_dead_letters(cursor, names, window)) if health.is_dlq else (),
        plan=plan(name, health.source_queue, place) if health.is_dlq else None,
    )


def _queues(
    cursor: Cursor, window: Window, rules: Sequence[QueueRule], tellers: Tellers
) -> tuple[dict[str, Ended], list[_Found]]:
    """What ended dead-lettered through queues, and the queues."""
    place = {"since_ns": window.since_ns, "until_ns": window.until_ns}
    ended = dead_letter_ages(cursor, **place) if tellers.dead_letters else {}
    rows: list[dict[str, Any]] = []
    if tellers.metrics:
        rows = queue_health(cursor, **place, limit=MAX_ROWS)
    elif tellers.messages:
        rows = queue_message_health(cursor, **place, limit=MAX_ROWS)
    if ended:
        rows = [*rows, *_unseen(cursor, rows, rules, ended)]
    found = [
        _Found(
            _health(row, rules, ended, window),
            Place(row["provider"], row["region"], row["account_id"]),
        )
        for row in rows
    ]
    return ended, found


def _health(
    row: dict[str, Any], rules: Sequence[QueueRule], ended: dict[str, Ended], window: Window
) -> QueueHealth:
    said = source_of(row["queue"], rules)
    source = said or row["source_queue"]
    is_dlq = said is not None or row["is_dlq"]
    of = ended.get(row["queue"]) or ended.get(source or "") if is_dlq else None
    depth, age_s = row["depth"], row["oldest_age_s"]
    evidence = None if depth is None else row["evidence"]
    # A queue's own move into its dead-letter queue is no message that anybody sends.
    if of and row["evidence"] == "messages" and of.waiting > (depth or 0):
        depth, evidence = of.waiting, "event traces"
        age_s = None if of.waiting_since_ns is None else since_s(of.waiting_since_ns, window)
    return QueueHealth(
        name=row["queue"],
        provider=row["provider"],
        is_dlq=is_dlq,
        source_queue=source,
        source_evidence="settings" if said else row["source_evidence"],
        depth=depth,
        depth_evidence=evidence,
        oldest_age_s=age_s,
        oldest_age_since_first_sent_s=since_s(of.first_sent_ns, window) if of else None,
        in_rate=row["in_rate"],
        out_rate=row["out_rate"],
        observed_at_ns=row["observed_ns"],
        evidence=row["evidence"],
    )


def since_s(time_ns: int, window: Window) -> float:
    """From a time to the end of a window, s."""
    return (window.until_ns - time_ns) / 1e9


def _unseen(
    cursor: Cursor,
    rows: Sequence[dict[str, Any]],
    rules: Sequence[QueueRule],
    ended: dict[str, Ended],
) -> list[dict[str, Any]]:
    """Dead-letter queues that settings or policies name, and of which nothing else tells.

    They are known by what ended in them.
    """
    told = {row["queue"] for row in rows}
    sources = {
        row["queue"]: (row["source_queue"], row["evidence"])
        for row in dead_letter_queues(cursor, limit=MAX_ROWS)
    }
    for rule in rules:
        if rule.dlq_of and not set(rule.match) & set("*?["):
            sources.setdefault(rule.match, (rule.dlq_of, "settings"))
    return [
        dict.fromkeys(_COLUMNS)
        | {"queue": name, "is_dlq": True, "source_queue": source, "evidence": "messages"}
        | {"source_evidence": evidence, "observed_ns": ended[source].waiting_since_ns}
        for name, (source, evidence) in sorted(sources.items())
        if name not in told and source in ended
    ]


def _partner(health: QueueHealth, others: Iterable[QueueHealth]) -> QueueHealth | None:
    """The source of a dead-letter queue, or the dead-letter queue of a source."""
    for other in others:
        if other.name == health.source_queue or other.source_queue == health.name:
            return other
    return None


def _series(cursor: Cursor, health: QueueHealth, window: Window, step_ns: int) -> list[QueuePoint]:
    ask = queue_steps if health.evidence == "metrics" else queue_message_steps
    return ask(
        cursor,
        queue=health.name,
        since_ns=window.since_ns,
        until_ns=window.until_ns,
        step_ns=step_ns,
    )


def _dead_letters(cursor: Cursor, names: Sequence[str], window: Window) -> list[DeadLetterGroup]:
    return dead_letter_groups(
        cursor,
        queues=names,
        since_ns=window.since_ns,
        until_ns=window.until_ns,
        limit=MAX_ROWS,
    )


@QUERIES.question
def queue_health(
    cursor: Cursor, *, since_ns: int, until_ns: int, limit: int
) -> list[dict[str, Any]]:
    """What metrics or messages say of each queue; columns as in the view of that name."""
    return QUERIES.records(
        cursor, "queue_health", since_ns=since_ns, until_ns=until_ns, limit=limit
    )


@QUERIES.question
def queue_message_health(
    cursor: Cursor, *, since_ns: int, until_ns: int, limit: int
) -> list[dict[str, Any]]:
    """The same where messages alone tell of queues."""
    return QUERIES.records(
        cursor, "queue_message_health", since_ns=since_ns, until_ns=until_ns, limit=limit
    )


@QUERIES.question
def queue_tellers(cursor: Cursor, *, since_ns: int, until_ns: int) -> Tellers:
    """What tells of queues in a window."""
    rows = QUERIES.rows(cursor, "queue_tellers", since_ns=since_ns, until_ns=until_ns)
    return Tellers(*rows[0])


@QUERIES.question
def queue_steps(
    cursor: Cursor, *, queue: str, since_ns: int, until_ns: int, step_ns: int
) -> list[QueuePoint]:
    """A queue over time, as its metrics tell."""
    rows = QUERIES.rows(
        cursor, "queue_steps", queue=queue, since_ns=since_ns, until_ns=until_ns, step_ns=step_ns
    )
    return [QueuePoint(*row) for row in rows]


@QUERIES.question
def queue_message_steps(
    cursor: Cursor, *, queue: str, since_ns: int, until_ns: int, step_ns: int
) -> list[QueuePoint]:
    """A queue over time, as messages of event traces tell."""
    rows = QUERIES.rows(
        cursor,
        "queue_message_steps",
        queue=queue,
        since_ns=since_ns,
        until_ns=until_ns,
        step_ns=step_ns,
    )
    return [QueuePoint(time_ns, None, None, sent, taken) for time_ns, sent, taken in rows]


@QUERIES.question
def dead_letter_ages(cursor: Cursor, *, since_ns: int, until_ns: int) -> dict[str, Ended]:
    """By queue: the event traces that ended dead-lettered with a message of it."""
    rows = QUERIES.rows(cursor, "dead_letter_ages", since_ns=since_ns, until_ns=until_ns)
    return {queue: Ended(*told) for queue, *told in rows}


@QUERIES.question
def dead_letter_queues(cursor: Cursor, *, limit: int) -> list[dict[str, Any]]:
    """Dead-letter queues of which telemetry tells what feeds them; columns as in that view."""
    return QUERIES.records(cursor, "dead_letter_queues", limit=limit)


@QUERIES.question
def dead_letter_groups(
    cursor: Cursor, *, queues: Sequence[str], since_ns: int, until_ns: int, limit: int
) -> list[DeadLetterGroup]:
    """Event traces that ended dead-lettered through any of these queues, by how they failed."""
    rows = QUERIES.rows(
        cursor,
        "dead_letter_groups",
        queues=list(queues),
        since_ns=since_ns,
        until_ns=until_ns,
        limit=limit,
    )
    return [DeadLetterGroup(*(*row[:-1], tuple(row[-1]))) for row in rows]
