"""Sends one message through apprise: Slack, Teams, PagerDuty, e-mail, ntfy and the rest.

Apprise makes its own connections, so here the deny-list is asked of the host in the URL just
before sending, without holding the connection to the address that was found.
"""

import logging
import time
import warnings
from contextlib import suppress
from functools import cache
from threading import Lock
from typing import Final

import apprise

from collector.alerts.addresses import DenyList
from collector.alerts.messages import FIRING, Message
from collector.alerts.secrecy import masked, secrets_of
from collector.errors import BadTarget
from collector.model.delivery import Attempt
from collector.settings import TargetSettings

# It tells of failures in its log lines; they are read from its answer, masked, and go nowhere else.
_LOG: Final = logging.getLogger("apprise")
_LOG.addHandler(logging.NullHandler())
_LOG.propagate = False
_LOG.setLevel(logging.WARNING)
logging.getLogger("urllib3").setLevel(logging.CRITICAL)

_loading: Final = Lock()


class Relay:
    """Sends; ``timeout_s`` is for one attempt as a whole."""

    def __init__(self, deny: DenyList, timeout_s: float) -> None:
        self._deny = deny
        self._timeout_s = timeout_s

    def send(self, target: TargetSettings, message: Message) -> Attempt:
        """One attempt, in the thread that asks; what went wrong is in the answer, never raised."""
        began = time.monotonic()
        try:
            service = self.service(target)
            with suppress(OSError):
                self.require_allowed(service)
        except BadTarget as error:
            return Attempt(_ms(began), error=str(error), final=True)
        sender = apprise.Apprise(asset=service.asset)
        sender.add(service)
        # As plain text: apprise escapes it where a service takes HTML.
        result = sender.notify(
            title=message.title,
            body=message.text,
            notify_type=_kind(message),
            body_format=apprise.NotifyFormat.TEXT,
        )
        if result:
            return Attempt(_ms(began))
        if result.status == apprise.AppriseResultStatus.TIMEOUT:
            return Attempt(_ms(began), error=f"no answer within {self._timeout_s:g} s")
        return Attempt(_ms(began), error=masked(_said(result), secrets_of(target)))

    def service(self, target: TargetSettings) -> apprise.NotifyBase:
        """The plugin of a URL, set to follow no redirect and to keep nothing on disk.

        Raises:
            BadTarget: apprise knows no such URL; the text does not repeat it.
        """
        asset = apprise.AppriseAsset(
            app_id="Lockstitch",
            app_desc="Lockstitch",
            http_redirects=False,
            storage_mode="memory",
            service_timeout=self._timeout_s,
        )
        url = target.url.get_secret_value()
        with _loading:
            _load_plugins()
        service = apprise.Apprise.instantiate(url, asset=asset)
        if not isinstance(service, apprise.NotifyBase):
            scheme = url.partition("://")[0][:20] if "://" in url else "no scheme"
            raise BadTarget(
                f"url: apprise cannot read it ({scheme}): write it as its documentation lists for "
                "the service, or https://host/path for a webhook"
            )
        service.redirects = False  # also where the URL asks for them
        return service

    def native(self, target: TargetSettings) -> str | None:
        """The service whose own https address a URL is, as for Slack; None: it is nobody's."""
        if not target.url.get_secret_value().lower().startswith("https://"):
            return None
        try:
            return str(self.service(target).service_name)
        except BadTarget:
            return None

    def require_allowed(self, service: apprise.NotifyBase) -> None:
        """Looks at the hosts a URL names itself; a service's own host is not the user's choice.

        Raises:
            RefusedTarget: one of them is denied.
            OSError: one has no address; for a domain that mail is sent from that is no fault.
        """
        for host in _hosts(service):
            self._deny.addresses(host, getattr(service, "port", None) or 443)


@cache
def _load_plugins() -> None:
    """Once: it takes half a second, and one plugin imports what Python has deprecated."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        apprise.Apprise.instantiate("json://localhost")


def _hosts(service: apprise.NotifyBase) -> list[str]:
    """Where the URL of one service has its host, that of another has a token, never to be asked."""
    templates: tuple[str, ...] = service.templates
    named = any("{host}" in template for template in templates)
    found = [service.host if named else None, getattr(service, "smtp_host", None)]
    return [host for host in found if isinstance(host, str) and host]


def _kind(message: Message) -> apprise.NotifyType:
    if message.status != FIRING:
        return apprise.NotifyType.SUCCESS if message.alerts else apprise.NotifyType.INFO
    kinds = {"critical": apprise.NotifyType.FAILURE, "info": apprise.NotifyType.INFO}
    return kinds.get(message.severity, apprise.NotifyType.WARNING)


def _said(result: apprise.AppriseResult) -> str:
    """The last thing apprise said of its failure."""
    lines = [entry.message for each in result for attempt in each for entry in attempt.logs]
    return lines[-1] if lines else "the service did not take it"


def _ms(began: float) -> float:
    return (time.monotonic() - began) * 1e3
