"""Whether a target can work: as a person gave it, as it is written, and where it leads.

What is said of a target that cannot never repeats what was given: it may be a secret.
"""

from collections.abc import Mapping
from typing import Any, Final

from pydantic import ValidationError

from collector.alerts.addresses import DenyList
from collector.alerts.relay import Relay
from collector.alerts.webhook import OURS, checked_url, port_of, signing_key
from collector.errors import BadTarget
from collector.settings import TargetSettings

_NO_ADDRESS: Final = "its host has no address now: check the spelling; the target is saved"


class Soundness:
    """Whether a target can work: as it is written, and where it leads."""

    def __init__(self, deny: DenyList, relay: Relay) -> None:
        self._deny = deny
        self._relay = relay

    def fitted(self, target: TargetSettings) -> TargetSettings:
        """The target as apprise's, where its https address is that of a service apprise knows."""
        if target.kind == "apprise" or self._relay.native(target) is None:
            return target
        return target.model_copy(update={"kind": "apprise"})

    def require(self, target: TargetSettings) -> None:
        """Looks at what can be said without asking the network.

        Raises:
            BadTarget: says what to change.
        """
        if target.kind == "webhook":
            checked_url(target.url.get_secret_value())
            if target.secret is not None:
                signing_key(target.secret.get_secret_value())
            for name in target.headers:
                _require_header(name, target.headers[name].get_secret_value())
            if (service := self._relay.native(target)) is not None:
                raise BadTarget(
                    f"url: this is an address of {service}, which takes no JSON but its own: "
                    'give kind "apprise" with it'
                )
        elif target.secret is not None or target.headers:
            raise BadTarget("secret and headers are for webhooks: an apprise url holds its own")
        else:
            self._relay.service(target)

    def require_allowed(self, target: TargetSettings) -> str | None:
        """Looks where it leads; a warning when its host has no address now.

        Raises:
            RefusedTarget: says how to allow it.
        """
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
