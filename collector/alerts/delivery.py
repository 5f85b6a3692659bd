"""Builds what delivers alerts: targets, silences, the senders by kind, and the thread."""

from dataclasses import dataclass

from collector.alerts.addresses import DenyList
from collector.alerts.deliver import Deliverer
from collector.alerts.messages import Message
from collector.alerts.relay import Relay
from collector.alerts.silences import Silences
from collector.alerts.targets import Targets
from collector.alerts.webhook import Webhooks
from collector.model.delivery import Attempt
from collector.settings import AlertSettings, TargetSettings
from collector.store.database import Database


@dataclass(frozen=True, slots=True)
class Delivery:
    """Where alerts go, what is kept quiet, and who sees to it."""

    targets: Targets
    silences: Silences
    deliverer: Deliverer


class Senders:
    """Sends by kind of target."""

    def __init__(self, webhooks: Webhooks, relay: Relay) -> None:
        self._webhooks = webhooks
        self._relay = relay

    def __call__(self, target: TargetSettings, message: Message) -> Attempt:
        """One attempt."""
        sender = self._webhooks if target.kind == "webhook" else self._relay
        return sender.send(target, message)


def delivery(database: Database, settings: AlertSettings) -> Delivery:
    """Everything, not yet started.

    Raises:
        SettingsError: a target or the deny-list of the settings cannot work.
    """
    deny = DenyList(settings.denied)
    relay = Relay(deny, settings.send_timeout_s)
    targets = Targets(database, settings, deny, relay)
    senders = Senders(Webhooks(deny, settings.send_timeout_s), relay)
    deliverer = Deliverer(database, targets, settings, senders)
    return Delivery(targets, Silences(database, deliverer.wake), deliverer)
