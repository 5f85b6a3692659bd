"""All rules there are: those made in the browser or over the API, and those of files.

Rules of files are read once, when the process starts, and a fault in one stops the start.
"""

import hashlib
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeVar

import orjson
from duckdb import DuckDBPyConnection as Cursor

from collector.alerts.documents import BadRule
from collector.alerts.objectives import Objective, read_objective
from collector.alerts.reading import read_rule
from collector.alerts.rules import FILE, Rule
from collector.errors import SettingsError
from collector.model.alert import StoredDocument
from collector.settings import AlertSettings
from collector.store import alerts as store

T = TypeVar("T")
MOST_RULES: Final = 500
"""More rules than this are refused: each is evaluated every few seconds."""


@dataclass(frozen=True, slots=True)
class Book:
    """Rules and objectives by id, in order of name; ``unread`` are stored documents that this build
    cannot read, by id, with the reason."""

    rules: Mapping[str, Rule]
    unread: Mapping[str, str]
    objectives: Mapping[str, Objective] = field(default_factory=dict)

    @property
    def watched(self) -> Mapping[str, Rule]:
        """All that is evaluated: the rules, and those that watch over objectives."""
        over = [rule for each in self.objectives.values() for rule in each.rules()]
        return {**self.rules, **{rule.id: rule for rule in over}}

    def can_be_of(self, rule_id: str) -> bool:
        """Whether a rule that is not there now may be one that cannot be read."""
        return rule_id in self.unread or rule_id.rpartition("-")[0] in self.unread


def file_rules(settings: AlertSettings) -> tuple[Rule, ...]:
    """The rules of ``[[alerts.rules]]`` and of ``[alerts] files``.

    Raises:
        SettingsError: one line for everything that is wrong, with the file it is in.
    """
    faults: list[str] = []
    rules: list[Rule] = []
    places = [("settings", list(settings.rules)), *(_of_file(path) for path in settings.files)]
    for place, documents in places:
        for document in documents:
            name = document.get("name") if isinstance(document, Mapping) else None
            try:
                rules.append(read_rule(document, file_id(str(name)), FILE))
            except BadRule as error:
                faults.extend(f"{place}: {line}" for line in str(error).splitlines())
    faults.extend(_twice(rules))
    if faults:
        raise SettingsError("\n".join(faults))
    return tuple(rules)


def file_id(name: str) -> str:
    """The id of a rule of a file: it keeps its alerts as long as it keeps its name."""
    return hashlib.sha256(f"file rule {name}".encode()).hexdigest()[:16]


def read_book(cursor: Cursor, of_files: Sequence[Rule]) -> Book:
    """Every rule and objective there is now."""
    unread: dict[str, str] = {}
    rules = [*of_files, *_read(store.list_rules(cursor), read_rule, unread)]
    objectives = _read(store.list_objectives(cursor), read_objective, unread)
    return Book(
        rules={each.id: each for each in sorted(rules, key=lambda rule: (rule.name, rule.id))},
        unread=unread,
        objectives={each.id: each for each in sorted(objectives, key=lambda each: each.name)},
    )


def _read(
    stored: Iterable[StoredDocument], read: Callable[[Any, str], T], unread: dict[str, str]
) -> list[T]:
    found = []
    for each in stored:
        try:
            found.append(read(orjson.loads(each.document), each.id))
        except BadRule as error:
            unread[each.id] = str(error)
    return found


def read_toml(text: str, place: str) -> list[Any]:
    """The documents under ``[[rules]]`` of a TOML text.

    Raises:
        BadRule: it is not TOML, or has none.
    """
    try:
        read = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadRule(f"{place} is not TOML: {error}") from error
    rules = read.get("rules")
    if not isinstance(rules, list):
        raise BadRule(f"{place} has no [[rules]] tables: begin each rule with [[rules]]")
    return rules


def _of_file(path: Path) -> tuple[str, list[Any]]:
    try:
        return str(path), read_toml(path.read_text("utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"[alerts] files: {path} cannot be read ({error}): check the path; it counts from the "
            "directory the collector is started in"
        ) from error
    except BadRule as error:
        raise SettingsError(f"[alerts] files: {error}") from error


def _twice(rules: Iterable[Rule]) -> list[str]:
    seen: set[str] = set()
    faults = []
    for rule in rules:
        if rule.name in seen:
            faults.append(f"rule {rule.name!r} is in files twice: give each a name of its own")
        seen.add(rule.name)
    return faults
