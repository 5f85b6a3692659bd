"""Builds what delivers alerts: the senders by kind, targets, silences, and the thread."""

import random
import time
from collections.abc import Callable

from collector.alerts.addresses import DenyList, Resolver, resolve
from collector.alerts.deliver import Deliverer
from collector.alerts.messages import Message
from collector.alerts.outbox import RuleTargets, nobody_knows
from collector.alerts.relay import Relay
from collector.alerts.silences import Silences
from collector.alerts.soundness import Soundness
from collector.alerts.targets import Targets
from collector.alerts.webhook import Webhooks
from collector.errors import BadTarget, SettingsError
from collector.model.delivery import Attempt
from collector.settings import DeliverySettings, TargetSettings
from collector.store.database import Database


class Senders:
    """Sends by kind of target, to where the deny-list lets it.

    Raises:
        SettingsError: a target or the deny-list of the settings cannot work.
    """

    def __init__(self, settings: DeliverySettings, resolver: Resolver = resolve) -> None:
        deny = DenyList(settings.denied, resolver)
        self._webhooks = Webhooks(deny, settings.send_timeout_s)
        self._relay = Relay(deny, settings.send_timeout_s)
        self.soundness = Soundness(deny, self._relay)
        names = [each.name for each in settings.targets]
        if twice := {name for name in names if names.count(name) > 1}:
            raise SettingsError(
                f"alerts.targets: {twice.pop()!r} is there twice; each needs a name"
            )
        for each in settings.targets:
            try:
                self.soundness.require(each)
            except BadTarget as error:
                raise SettingsError(f"alerts.targets, {each.name}: {error}") from None

    def __call__(self, target: TargetSettings, message: Message) -> Attempt:
        """One attempt."""
        sender = self._webhooks if target.kind == "webhook" else self._relay
        return sender.send(target, message)


class Delivery:
    """Where alerts go, what is kept quiet, and who sees to it.

    ``rule_targets`` gives the targets of each rule as they are now; ``clock`` ns UTC.
    """

    def __init__(
        self,
        database: Database,
        settings: DeliverySettings,
        senders: Senders,
        rule_targets: RuleTargets = nobody_knows,
        clock: Callable[[], int] = time.time_ns,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.targets = Targets(database, settings, senders.soundness, clock)
        self.deliverer = Deliverer(
            database, self.targets, settings, senders, clock, chance, rule_targets
        )
        self.silences = Silences(database, self.deliverer.wake, clock)

    def start(self) -> None:
        self.deliverer.start()

    def stop(self) -> None:
        """Waits a little for what is being sent; the rest is sent at the next start."""
        self.deliverer.stop()
