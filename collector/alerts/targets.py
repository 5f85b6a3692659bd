"""Where alerts go: targets of the settings, which nobody changes while it runs, and saved ones."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from collector.alerts.secrecy import masked_url
from collector.alerts.soundness import Soundness, parsed
from collector.errors import BadTarget, TargetTaken
from collector.settings import DeliverySettings, TargetSettings
from collector.store.database import Database
from collector.store.delivering import (
    StoredTarget,
    delete_target,
    save_target,
    stored_targets,
)

_SECRETS: Final = ("url", "secret", "headers")


@dataclass(frozen=True, slots=True)
class Target:
    """One target. ``configured``: it stands in the settings. Times ns UTC, None for those."""

    settings: TargetSettings
    configured: bool
    created_ns: int | None = None
    changed_ns: int | None = None

    @property
    def name(self) -> str:
        return self.settings.name

    @property
    def masked_url(self) -> str:
        return masked_url(self.settings.url.get_secret_value())


class Targets:
    """All targets; a name in the settings goes before a saved one."""

    def __init__(
        self,
        database: Database,
        settings: DeliverySettings,
        soundness: Soundness,
        clock: Callable[[], int] = time.time_ns,
    ) -> None:
        self._database = database
        self._soundness = soundness
        self._clock = clock
        self._configured = {each.name: Target(each, configured=True) for each in settings.targets}

    def all(self) -> list[Target]:
        """Every target, by name."""
        rows = self._database.read(stored_targets)
        saved = {row.name: _saved(row) for row in rows}
        return sorted((saved | self._configured).values(), key=lambda each: each.name)

    def get(self, name: str) -> Target | None:
        """The target of a name; None when there is none."""
        return next((each for each in self.all() if each.name == name), None)

    def add(self, fields: Mapping[str, Any]) -> tuple[Target, str | None]:
        """Saves a new target; with it a warning, where it can be saved and may not work.

        Raises:
            BadTarget: a field is wrong, or its address is denied.
            TargetTaken: there is one of this name.
        """
        settings = self._parsed(fields, kind=fields.get("kind"))
        if self.get(settings.name) is not None:
            raise TargetTaken(f"name: there is a target {settings.name!r} already; change that one")
        return self._save(settings, None)

    def replace(self, name: str, fields: Mapping[str, Any]) -> tuple[Target, str | None] | None:
        """Changes a target; its secrets stay where they are not given. None: there is none.

        Raises:
            BadTarget: a field is wrong, or its address is denied.
            TargetTaken: it stands in the settings.
        """
        old = self.get(name)
        if old is None:
            return None
        self._require_saved(old)
        given = {key: value for key, value in fields.items() if value is not None}
        settings = self._parsed(*_merged(old.settings, given))
        if settings.name != name:
            raise BadTarget("name: rules refer to it, so it stays; add a target of the new name")
        return self._save(settings, old.created_ns)

    def remove(self, name: str) -> bool:
        """Removes a saved target; False when there is none.

        Raises:
            TargetTaken: it stands in the settings.
        """
        old = self.get(name)
        if old is None:
            return False
        self._require_saved(old)
        self._database.derive(lambda cursor: delete_target(cursor, name))
        return True

    def _parsed(self, fields: Mapping[str, Any], kind: str | None) -> TargetSettings:
        """Where nobody gave the kind, a URL of a service that apprise knows is apprise's."""
        settings = parsed(fields)
        return settings if kind else self._soundness.fitted(settings)

    def _save(self, settings: TargetSettings, created_ns: int | None) -> tuple[Target, str | None]:
        self._soundness.require(settings)
        warning = self._soundness.require_allowed(settings)
        now_ns = self._clock()
        document = orjson.dumps(_document(settings)).decode()
        row = StoredTarget(settings.name, document, created_ns or now_ns, now_ns)
        self._database.derive(lambda cursor: save_target(cursor, row))
        return _saved(row), warning

    def _require_saved(self, target: Target) -> None:
        if target.configured:
            raise TargetTaken(
                f"{target.name} stands in the config file: change it there and start again"
            )


def _document(settings: TargetSettings) -> dict[str, Any]:
    """A target as it is stored, with its secrets."""
    return {
        "name": settings.name,
        "kind": settings.kind,
        "url": settings.url.get_secret_value(),
        "secret": None if settings.secret is None else settings.secret.get_secret_value(),
        "headers": {name: value.get_secret_value() for name, value in settings.headers.items()},
        "repeat_hours": settings.repeat_hours,
        "send_resolved": settings.send_resolved,
    }


def _saved(row: StoredTarget) -> Target:
    fields = orjson.loads(row.document)
    return Target(TargetSettings(**fields), False, row.created_ns, row.changed_ns)


def by_name(targets: Sequence[Target]) -> dict[str, TargetSettings]:
    """The settings of targets by their names."""
    return {each.name: each.settings for each in targets}


def _merged(old: TargetSettings, given: Mapping[str, Any]) -> tuple[dict[str, Any], str | None]:
    """What was given over the secrets of before, and the kind, None where the URL is to say it.

    Raises:
        BadTarget: what was saved would open something else than it was saved for.
    """
    secrets = {key: value for key, value in _document(old).items() if key in _SECRETS}
    kind = given.get("kind")
    if "url" not in given:
        if kind not in (None, old.kind):
            raise BadTarget("kind: another kind needs another url: give it too")
        return {"name": old.name, "kind": old.kind} | secrets | dict(given), old.kind
    if old.headers and "headers" not in given:
        raise BadTarget(
            "headers: give them again with another url, {} for none: they would be sent there"
        )
    return {"name": old.name, "secret": secrets["secret"]} | dict(given), kind
