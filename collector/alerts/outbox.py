"""One round of delivering: what is new is planned, what is due begins, what ended is written down.

Everything that is to be sent stands in the store before it is sent, with the message it belongs
to; a process that ends between sending and writing that down sends the same message again, under
the same dedup key, at the next start.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Final, TypeVar
from uuid import uuid4

import structlog
from duckdb import DuckDBPyConnection as Cursor

from collector.alerts import messages, planning
from collector.alerts.backoff import Patience
from collector.alerts.counts import DeliveryCounts
from collector.alerts.planning import Bundle, Sorted
from collector.alerts.sending import Sending, Sent
from collector.alerts.targets import Targets, by_name
from collector.model.delivery import DROPPED, GIVEN_UP, SENT, SILENCED, WAITING, NewDelivery
from collector.settings import DeliverySettings
from collector.store import delivering
from collector.store.database import OWN_TIMEOUT_S, Database

T = TypeVar("T")

_HOUR_NS: Final = 3600 * 10**9
# Changes of one transaction; a rule over 500 functions may change them all at once.
_MOST_CHANGES: Final = 500
_KEPT_NS: Final = 90 * 24 * _HOUR_NS
_NEVER_TOLD: Final = "the target was never told that it fires"

_log = structlog.get_logger(__name__)

RuleTargets = Callable[[], Mapping[str, Sequence[str]]]
"""The targets of each rule, by its id, as they are now."""


def nobody_knows() -> Mapping[str, Sequence[str]]:
    """For those who have no rules at hand: then what a rule said when it fired goes on."""
    return {}


class Outbox:
    """``clock`` gives ns UTC, ``chance`` a number in [0, 1); only one thread may use it."""

    def __init__(
        self,
        database: Database,
        targets: Targets,
        settings: DeliverySettings,
        sending: Sending,
        clock: Callable[[], int],
        chance: Callable[[], float],
        rule_targets: RuleTargets,
    ) -> None:
        delivering.DELIVERY.check()
        self.counts = DeliveryCounts()
        self.waiting = 0
        self._database = database
        self._targets = targets
        self._settings = settings
        self._sending = sending
        self._clock = clock
        self._chance = chance
        self._rule_targets = rule_targets
        self._patience = Patience(int(settings.give_up_hours * _HOUR_NS))
        self._held: dict[str, int] = {}
        self._quiet = False
        self._forgot_ns = 0

    @property
    def link(self) -> str | None:
        """Where a person sees the alerts; None: the settings do not say."""
        base = self._settings.public_url
        return None if base is None else f"{base.rstrip('/')}/alerts"

    def round(self) -> None:
        """Does all that is due by now."""
        self.write_endings()
        now_ns = self._clock()
        self._forget(now_ns)
        planned, newest = self._read(delivering.progress)
        if self._quiet and planned == newest:
            return
        targets = by_name(self._targets.all())
        while planned < newest:
            planned = self._plan(planned, targets, now_ns)
        silences = self._read(lambda cursor: delivering.list_silences(cursor, now_ns))
        last = self._read(delivering.last_deliveries)
        woken = planning.after_silence(last, silences, now_ns)
        repeated = planning.repeats(last, targets, self._settings, now_ns)
        self._again(woken, self._still_asked_for(repeated), now_ns)
        deliveries = self._read(delivering.open_deliveries)
        self.waiting = len(deliveries)
        self._quiet = not (last or deliveries)
        busy = self._held | dict.fromkeys(self._sending.busy, now_ns + 1)
        self._begin(planning.sort_due(deliveries, targets, silences, busy, now_ns), targets, now_ns)

    def write_endings(self) -> None:
        """Marks what was tried; each stays on the list until that is committed."""
        for sent in self._sending.done():
            self._write_ending(sent)
            self._sending.forget(sent)

    def _plan(self, planned: int, targets: planning.Targets, now_ns: int) -> int:
        """Gives some of the changes their deliveries, once; the number of the last of them."""
        changes = self._read(lambda cursor: delivering.new_changes(cursor, planned, _MOST_CHANGES))
        told = self._read(
            lambda cursor: delivering.told_targets(cursor, planned, changes[-1].change_seq)
        )
        new = planning.new_deliveries(changes, told, targets, self._settings, now_ns)

        def write(cursor: Cursor) -> None:
            delivering.add_deliveries(cursor, new, now_ns)
            delivering.mark_planned(cursor, changes[-1].change_seq)

        self._database.derive(write)
        for each in new:
            if each.state != WAITING:
                self.counts.ended(each.target, each.state)
        return changes[-1].change_seq

    def _still_asked_for(self, repeated: Sequence[NewDelivery]) -> list[NewDelivery]:
        """Less what goes to targets that their rules do not name any more."""
        asked = self._rule_targets() if repeated else {}
        return [each for each in repeated if each.target in asked.get(each.rule_id, [each.target])]

    def _again(self, woken: Sequence[str], repeated: Sequence[NewDelivery], now_ns: int) -> None:
        if not (woken or repeated):
            return

        def write(cursor: Cursor) -> None:
            delivering.wake_deliveries(cursor, woken, now_ns)
            delivering.add_deliveries(cursor, repeated, now_ns)

        self._database.derive(write)

    def _begin(self, due: Sorted, targets: planning.Targets, now_ns: int) -> None:
        """Writes down who goes in which message, and only then sends it."""
        begun = [_joined(bundle, now_ns) for bundle in due.bundles[: self._sending.free]]
        new = [after for before, after in zip(due.bundles, begun, strict=False) if after != before]

        def write(cursor: Cursor) -> None:
            for bundle in new:
                ids = [each.delivery_id for each in bundle.deliveries]
                delivering.join_message(cursor, ids, str(bundle.message_id), now_ns)
            for silence_id, quiet in due.silenced.items():
                ids = [each.delivery_id for each in quiet]
                delivering.silence_deliveries(cursor, ids, silence_id, now_ns)
            for each in due.dropped:
                delivering.end_deliveries(cursor, [each.delivery_id], DROPPED, _NEVER_TOLD, now_ns)
            for each in due.without_target:
                said = planning.no_target(each.target)
                delivering.end_deliveries(cursor, [each.delivery_id], GIVEN_UP, said, now_ns)

        if new or due.silenced or due.dropped or due.without_target:
            self._database.derive(write)
        self._count(due)
        for bundle in begun:
            alerts = [each.alert for each in bundle.deliveries]
            reasons = [each.reason for each in bundle.deliveries]
            key, target = str(bundle.message_id), targets[bundle.target]
            message = messages.message(key, target.name, reasons, alerts, self.link)
            self._sending.begin(target, message, bundle.deliveries)

    def _count(self, due: Sorted) -> None:
        ended = {SILENCED: [each for quiet in due.silenced.values() for each in quiet]}
        ended |= {DROPPED: due.dropped, GIVEN_UP: due.without_target}
        for state, deliveries in ended.items():
            for each in deliveries:
                self.counts.ended(each.target, state)

    def _write_ending(self, sent: Sent) -> None:
        now_ns, first = self._clock(), sent.deliveries[0]
        attempts, since_ns = first.attempts + 1, first.first_try_ns or now_ns
        ending = self._patience.ending(sent.attempt, attempts, since_ns, now_ns, self._chance())
        key, name = sent.message.dedup_key, sent.message.target
        self._database.derive(partial(delivering.end_attempt, message_id=key, ending=ending))
        self.counts.attempted(name, sent.attempt)
        if ending.state in (SENT, GIVEN_UP):
            self.counts.ended(name, ending.state, len(sent.deliveries))
        if ending.state == GIVEN_UP:
            _log.error("an alert could not be delivered", target=name, reason=sent.attempt.error)
        if sent.attempt.wait_s is not None:
            self._held[name] = ending.next_ns
        else:
            self._held.pop(name, None)

    def _forget(self, now_ns: int) -> None:
        if abs(now_ns - self._forgot_ns) >= _HOUR_NS:
            self._database.derive(
                lambda cursor: delivering.forget_deliveries(cursor, now_ns - _KEPT_NS)
            )
            self._forgot_ns = now_ns

    def _read(self, question: Callable[[Cursor], T]) -> T:
        return self._database.read(question, OWN_TIMEOUT_S)


def _joined(bundle: Bundle, now_ns: int) -> Bundle:
    """The same as a message, if it is none yet."""
    if bundle.message_id is not None:
        return bundle
    begun = [replace(each, first_try_ns=now_ns) for each in bundle.deliveries]
    return Bundle(bundle.target, str(uuid4()), begun)
