"""Where alerts go: targets of the settings, which nobody changes while it runs, and saved ones."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson
from pydantic import ValidationError

from collector.alerts.addresses import DenyList
from collector.alerts.relay import Relay
from collector.alerts.secrecy import masked_url
from collector.alerts.webhook import OURS, checked_url, port_of, signing_key
from collector.errors import BadTarget, SettingsError
from collector.settings import AlertSettings, TargetSettings
from collector.store.database import Database
from collector.store.delivering import (
    StoredTarget,
    delete_target,
    save_target,
    stored_targets,
)

_SECRETS: Final = ("url", "secret", "headers")
_NO_ADDRESS: Final = "its host has no address now: check the spelling; the target is saved"


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
    """All targets; a name in the settings goes before a saved one.

    Raises:
        SettingsError: a target of the settings cannot work.
    """

    def __init__(
        self,
        database: Database,
        settings: AlertSettings,
        deny: DenyList,
        relay: Relay,
        clock: Callable[[], int] = time.time_ns,
    ) -> None:
        self._database = database
        self._deny = deny
        self._relay = relay
        self._clock = clock
        self._configured = {each.name: Target(each, configured=True) for each in settings.targets}
        if len(self._configured) < len(settings.targets):
            raise SettingsError("alerts.targets: two have the same name; each needs its own")
        for each in settings.targets:
            try:
                self._require_sound(each)
            except BadTarget as error:
                raise SettingsError(f"alerts.targets, {each.name}: {error}") from None

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
            BadTarget: a field is wrong, the name is taken, or its address is denied.
        """
        settings = parsed(fields)
        if self.get(settings.name) is not None:
            raise BadTarget(f"name: there is a target {settings.name!r} already; change that one")
        return self._save(settings, None)

    def replace(self, name: str, fields: Mapping[str, Any]) -> tuple[Target, str | None] | None:
        """Changes a target; its secrets stay where they are not given. None: there is none.

        Raises:
            BadTarget: a field is wrong, or the target stands in the settings.
        """
        old = self.get(name)
        if old is None:
            return None
        self._require_saved(old)
        kept = {key: value for key, value in _document(old.settings).items() if key in _SECRETS}
        given = {key: value for key, value in fields.items() if value is not None}
        if "url" in given:
            kept.pop("url")
        elif given.get("kind") not in (None, old.settings.kind):
            raise BadTarget("kind: another kind needs another url: give it too")
        merged = {"name": name, "kind": old.settings.kind} if "url" not in given else {"name": name}
        settings = parsed(merged | kept | given)
        if settings.name != name:
            raise BadTarget("name: rules refer to it, so it stays; add a target of the new name")
        return self._save(settings, old.created_ns)

    def remove(self, name: str) -> bool:
        """Removes a saved target; False when there is none.

        Raises:
            BadTarget: it stands in the settings.
        """
        old = self.get(name)
        if old is None:
            return False
        self._require_saved(old)
        self._database.derive(lambda cursor: delete_target(cursor, name))
        return True

    def _save(self, settings: TargetSettings, created_ns: int | None) -> tuple[Target, str | None]:
        self._require_sound(settings)
        warning = self._require_allowed(settings)
        now_ns = self._clock()
        document = orjson.dumps(_document(settings)).decode()
        row = StoredTarget(settings.name, document, created_ns or now_ns, now_ns)
        self._database.derive(lambda cursor: save_target(cursor, row))
        return _saved(row), warning

    def _require_saved(self, target: Target) -> None:
        if target.configured:
            raise BadTarget(
                f"{target.name} stands in the config file: change it there and start again"
            )

    def _require_sound(self, target: TargetSettings) -> None:
        """What can be said without asking the network."""
        if target.kind == "webhook":
            checked_url(target.url.get_secret_value())
            if target.secret is not None:
                signing_key(target.secret.get_secret_value())
            for name in target.headers:
                _require_header(name, target.headers[name].get_secret_value())
        elif target.secret is not None or target.headers:
            raise BadTarget("secret and headers are for webhooks: an apprise url holds its own")
        else:
            self._relay.service(target)

    def _require_allowed(self, target: TargetSettings) -> str | None:
        try:
            if target.kind == "webhook":
                url = checked_url(target.url.get_secret_value())
                self._deny.addresses(url.host, port_of(url))
            else:
                self._relay.require_allowed(self._relay.service(target))
        except OSError:
            return _NO_ADDRESS
        return None


def parsed(fields: Mapping[str, Any]) -> TargetSettings:
    """A target out of fields a person gave; an empty secret is none.

    Raises:
        BadTarget: a sentence for each field that is wrong; no text repeats what was given.
    """
    given = {key: value for key, value in fields.items() if value not in (None, "")}
    if "url" not in given:
        raise BadTarget("url: give a webhook's https://… or an apprise URL such as slack://…")
    try:
        return TargetSettings(**given)
    except ValidationError as error:
        said = "; ".join(_sentence(each) for each in error.errors(include_input=False))
        raise BadTarget(said) from None


def _sentence(error: Any) -> str:
    name = ".".join(str(part) for part in error["loc"][:1])
    if name == "name" and error["type"] in ("missing", "string_pattern_mismatch"):
        return "name: give 1 to 64 letters, digits, spaces, dots, dashes or underscores"
    if error["type"] == "extra_forbidden":
        return f"{name}: a target has no such field"
    return f"{name}: {error['msg']}"


def _require_header(name: str, value: str) -> None:
    if name.lower() in OURS or name.lower().startswith("webhook-"):
        raise BadTarget(f"headers: {name} is set by the collector: leave it out")
    if not name.isascii() or not all(each.isalnum() or each in "-_" for each in name):
        raise BadTarget("headers: a name has letters, digits, - and _ only")
    if not value.isascii() or not value.isprintable():
        raise BadTarget(f"headers: the value of {name} must be printable ASCII on one line")


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
