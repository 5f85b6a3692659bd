"""The alerts there are now, each with its rule: firing first."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from duckdb import DuckDBPyConnection as Cursor

from collector.alerts.book import Book, read_book
from collector.alerts.rules import Rule
from collector.model.alert import FIRING, PENDING, RESOLVED, AlertState
from collector.store import alerts as store

_ORDER: Final = {FIRING: 0, PENDING: 1, RESOLVED: 2}
_SEVERITY: Final = {"critical": 0, "warning": 1, "info": 2}


@dataclass(frozen=True, slots=True)
class Standing:
    """One alert; ``summary`` is the sentence that was told when it last changed."""

    rule: Rule
    state: AlertState
    summary: str


def list_standing(cursor: Cursor, of_files: Sequence[Rule]) -> list[Standing]:
    """Alerts that are not inactive: firing, pending, resolved; the worst and newest first."""
    return standing_of(read_book(cursor, of_files), cursor)


def standing_of(book: Book, cursor: Cursor) -> list[Standing]:
    """The same of a book already read."""
    last = store.last_changes(cursor)
    found = []
    rules = book.watched
    for state in store.list_states(cursor):
        rule = rules.get(state.rule_id)
        change = last.get((state.rule_id, state.group))
        if rule is not None:
            found.append(Standing(rule, state, change.summary if change else ""))
    return sorted(
        found,
        key=lambda each: (
            _ORDER[each.state.state],
            _SEVERITY[each.rule.severity],
            -each.state.since_ns,
            each.rule.name,
            each.state.group,
        ),
    )


def count_firing(cursor: Cursor) -> int:
    """How many alerts fire."""
    return sum(state.state == FIRING for state in store.list_states(cursor))
