"""Where rules are made, changed and taken away: what the API and the browser ask for."""

import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from duckdb import DuckDBPyConnection as Cursor

from collector.alerts.book import MOST_RULES, Book, read_book, read_toml
from collector.alerts.documents import BadRule
from collector.alerts.reading import read_rule
from collector.alerts.rules import FILE, Rule
from collector.errors import BadQuestion
from collector.model.alert import StoredDocument
from collector.store import alerts as store
from collector.store.database import Database


class UnknownRule(BadQuestion):
    """There is no rule or objective of that id."""


class ReadOnlyRule(BadQuestion):
    """The rule is kept in a file; there it is changed."""


@dataclass(frozen=True, slots=True)
class RuleDesk:
    """``changed`` is called after each change, so that it is evaluated soon.

    Every change is one transaction. Names are unique, so importing again changes nothing.
    """

    database: Database
    file_rules: Sequence[Rule]
    changed: Callable[[], None] = lambda: None
    clock: Callable[[], int] = time.time_ns

    def book(self) -> Book:
        """Every rule there is."""
        return self.database.read(lambda cursor: read_book(cursor, self.file_rules))

    def targets(self) -> dict[str, tuple[str, ...]]:
        """The targets of every rule, by its id."""
        return {rule.id: rule.targets for rule in self.book().rules.values()}

    def rule(self, rule_id: str) -> Rule:
        """One of them.

        Raises:
            UnknownRule: there is none of that id.
        """
        found = self.book().rules.get(rule_id)
        if found is None:
            raise UnknownRule(
                f"there is no rule {rule_id[:80]!r}: GET /api/v1/alerts/rules lists those there are"
            )
        return found

    def add(self, document: Any) -> Rule:
        """Makes a rule of a document.

        Raises:
            BadRule: the document is wrong, its name is taken, or there are too many.
        """
        [rule] = self.add_all([document])
        return rule

    def add_all(self, documents: Sequence[Any], *, skip_known: bool = False) -> list[Rule]:
        """Makes all of them or none; ``skip_known``: those whose name is there stay as they are.

        Raises:
            BadRule: one line for everything that is wrong.
        """
        rules = _read_all(documents)

        def work(cursor: Cursor) -> list[Rule]:
            book = read_book(cursor, self.file_rules)
            names = {rule.name for rule in book.rules.values()}
            new = [rule for rule in rules if rule.name not in names] if skip_known else rules
            _require_free(new, names)
            if len(book.rules) + len(new) > MOST_RULES:
                raise BadRule(f"there would be more than {MOST_RULES} rules: use globs in scopes")
            for rule in new:
                self._save(cursor, rule, self.clock())
            return new

        made = self.database.derive(work)
        self.changed()
        return made

    def replace(self, rule_id: str, document: Any) -> Rule:
        """Puts a document in the place of a rule; its alerts go on under the new one.

        Raises:
            BadRule, UnknownRule, ReadOnlyRule: each says what to do.
        """
        rule = read_rule(document, rule_id)

        def work(cursor: Cursor) -> None:
            others = self._stored(cursor, rule_id)
            _require_free([rule], {each.name for each in others})
            self._save(cursor, rule, self.clock())

        self.database.derive(work)
        self.changed()
        return rule

    def remove(self, rule_id: str) -> None:
        """Takes a rule away; what fires because of it is told to be over.

        Raises:
            UnknownRule, ReadOnlyRule: each says what to do.
        """

        def work(cursor: Cursor) -> None:
            self._stored(cursor, rule_id)
            store.delete_rule(cursor, rule_id)

        self.database.derive(work)
        self.changed()

    def import_toml(self, text: str) -> list[Rule]:
        """Makes the rules of a TOML text, those that are not there yet.

        Raises:
            BadRule: one line for everything that is wrong; then none is made.
        """
        return self.add_all(read_toml(text, "the import"), skip_known=True)

    def _stored(self, cursor: Cursor, rule_id: str) -> list[Rule]:
        """The other rules; this one must be there and not of a file."""
        book = read_book(cursor, self.file_rules)
        known = book.rules.get(rule_id)
        if known is not None and known.source == FILE:
            raise ReadOnlyRule(
                f"rule {known.name!r} is kept in a file: change it there and start again"
            )
        if known is None and rule_id not in book.unread:
            raise UnknownRule(
                f"there is no rule {rule_id[:80]!r}: GET /api/v1/alerts/rules lists those there are"
            )
        return [each for each in book.rules.values() if each.id != rule_id]

    def _save(self, cursor: Cursor, rule: Rule, now_ns: int) -> None:
        made = {each.id: each.created_ns for each in store.list_rules(cursor)}
        document = orjson.dumps(rule.document()).decode()
        store.save_rule(
            cursor, StoredDocument(rule.id, document, made.get(rule.id, now_ns), now_ns)
        )


def _read_all(documents: Sequence[Any]) -> list[Rule]:
    rules, faults = [], []
    for document in documents:
        try:
            rules.append(read_rule(document, secrets.token_hex(8)))
        except BadRule as error:
            faults.append(str(error))
    if faults:
        raise BadRule("\n".join(faults))
    return rules


def _require_free(rules: Sequence[Rule], names: set[str]) -> None:
    seen = set(names)
    for rule in rules:
        if rule.name in seen:
            raise BadRule(
                f"rule {rule.name!r}: a rule of that name is there already: change that one, or "
                "choose another name"
            )
        seen.add(rule.name)
