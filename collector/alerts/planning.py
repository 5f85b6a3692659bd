"""Decides what is sent next: pure, from what the store has of deliveries, silences and targets.

Per target and rule one message goes at a time, in the order of the changes; what came meanwhile
waits and goes as the next one. So a target that was down gets two messages of a rule, not fifty,
and never hears "resolved" before "firing".
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from collector.alerts.messages import FIRING, RESOLVED
from collector.model.delivery import (
    CHANGE,
    DROPPED,
    GIVEN_UP,
    REPEAT,
    SENT,
    SILENCED,
    WAITING,
    Change,
    LastDelivery,
    NewDelivery,
    OpenDelivery,
    Silence,
)
from collector.settings import DeliverySettings, TargetSettings

_S: Final = 10**9
_HOUR_NS: Final = 3600 * _S
# Longer than any wait there is: what is due later than this was written before the clock went back.
_LONGEST_WAIT_NS: Final = 2 * _HOUR_NS
# So many alerts are some 50 kB of JSON, which every receiver takes; more go as the next message.
MOST_IN_MESSAGE: Final = 100

Targets = Mapping[str, TargetSettings]


@dataclass(frozen=True, slots=True)
class Bundle:
    """The deliveries of one message. ``message_id`` None: it has yet to become one."""

    target: str
    message_id: str | None
    deliveries: Sequence[OpenDelivery]


@dataclass(slots=True)
class Sorted:
    """What is due now: sent, kept quiet by a silence (its id), or ended without being sent."""

    bundles: list[Bundle] = field(default_factory=list)
    silenced: dict[str, list[OpenDelivery]] = field(default_factory=dict)
    dropped: list[OpenDelivery] = field(default_factory=list)
    without_target: list[OpenDelivery] = field(default_factory=list)


def new_deliveries(
    changes: Iterable[Change],
    told: Mapping[str, Sequence[str]],
    targets: Targets,
    settings: DeliverySettings,
    now_ns: int,
) -> list[NewDelivery]:
    """A delivery for each change and target; what is pending is told nobody.

    ``told``: for what is resolved, by its change, who was told that it fires. They hear of it too
    where the rule does not name them any more.
    """
    due_ns = now_ns + int(settings.group_wait_s * _S)
    found = []
    for change in changes:
        if change.state not in (FIRING, RESOLVED):
            continue
        for name in dict.fromkeys((*change.targets, *told.get(change.change_id, ()))):
            state, error = _fate(change, targets.get(name), name)
            found.append(
                NewDelivery(
                    change.change_id, change.change_seq, name, change.rule_id, change.rule_name,
                    change.group, change.severity, change.state, CHANGE, state, due_ns, error,
                )
            )  # fmt: skip
    return found


def _fate(change: Change, target: TargetSettings | None, name: str) -> tuple[str, str | None]:
    if target is None:
        return GIVEN_UP, no_target(name)
    if change.state == RESOLVED and not target.send_resolved:
        return DROPPED, "the target is not told of what is resolved"
    return WAITING, None


def no_target(name: str) -> str:
    """Why nothing goes to a name nobody has."""
    return f"there is no target {name!r}: add it under /alerts/targets, or change the rule"


def sort_due(
    deliveries: Iterable[OpenDelivery],
    targets: Targets,
    silences: Sequence[Silence],
    busy: Mapping[str, int],
    now_ns: int,
) -> Sorted:
    """What is to be done with open deliveries; ``busy``: targets and until when they are."""
    lines: dict[tuple[str, str], list[OpenDelivery]] = {}
    for each in deliveries:
        lines.setdefault((each.target, each.alert.rule_id), []).append(each)
    found, taken = Sorted(), dict(busy)
    # Who waits longest goes first, and takes the target.
    for (target, _), line in sorted(lines.items(), key=lambda item: _due_ns(item[1])):
        if target not in targets:
            found.without_target += line
        elif _is_due(_due_ns(line), now_ns) and _is_due(taken.get(target, 0), now_ns):
            before = len(found.bundles)
            _take(target, line, silences, found, now_ns)
            if len(found.bundles) > before:
                taken[target] = now_ns + 1
    return found


def _is_due(at_ns: int, now_ns: int) -> bool:
    return at_ns <= now_ns or at_ns - now_ns > _LONGEST_WAIT_NS


def _due_ns(line: Sequence[OpenDelivery]) -> int:
    """When the next message of a rule for a target is due: the one begun first, if there is one."""
    begun = [each.next_ns for each in line if each.message_id is not None]
    return min(begun or (each.next_ns for each in line))


def _take(
    target: str,
    line: Sequence[OpenDelivery],
    silences: Sequence[Silence],
    found: Sorted,
    now_ns: int,
) -> None:
    begun = [each for each in line if each.message_id is not None]
    if begun:
        first = min(begun, key=lambda each: (each.first_try_ns or 0, each.change_seq)).message_id
        same = [each for each in begun if each.message_id == first]
        found.bundles.append(Bundle(target, first, same))
        return
    kept: list[OpenDelivery] = []
    told: dict[str, bool] = {}
    for each in line:
        if len(kept) == MOST_IN_MESSAGE:
            break
        silence = _silence_of(each, silences, now_ns)
        group = each.alert.group
        if each.alert.state == RESOLVED and not told.get(group, each.told):
            found.dropped.append(each)
        elif each.alert.state == FIRING and silence is not None:
            found.silenced.setdefault(silence.silence_id, []).append(each)
            told[group] = told.get(group, False)
        else:
            kept.append(each)
            told[group] = each.alert.state == FIRING
    if kept:
        found.bundles.append(Bundle(target, None, kept))


def _silence_of(delivery: OpenDelivery, silences: Sequence[Silence], now_ns: int) -> Silence | None:
    alert = delivery.alert
    return next(
        (
            each
            for each in silences
            if each.active(now_ns)
            and each.takes(alert.rule_id, alert.rule_name, alert.group, alert.severity)
        ),
        None,
    )


def after_silence(
    last: Iterable[LastDelivery], silences: Sequence[Silence], now_ns: int
) -> list[str]:
    """Deliveries that a silence kept quiet, of alerts that still fire now that it has ended."""
    active = [each for each in silences if each.active(now_ns)]
    return [
        each.delivery_id
        for each in last
        if each.state == SILENCED
        and not any(
            silence.takes(each.rule_id, each.rule_name, each.group, each.severity)
            for silence in active
        )
    ]


def repeats(
    last: Iterable[LastDelivery], targets: Targets, settings: DeliverySettings, now_ns: int
) -> list[NewDelivery]:
    """The alerts that fire on and were last told of long ago."""
    due_ns = now_ns + int(settings.group_wait_s * _S)
    found = []
    for each in last:
        target = targets.get(each.target)
        if target is None or each.state not in (SENT, GIVEN_UP) or each.ended_ns is None:
            continue
        hours = settings.repeat_hours if target.repeat_hours is None else target.repeat_hours
        if hours and now_ns - each.ended_ns >= hours * _HOUR_NS:
            found.append(
                NewDelivery(
                    each.change_id, each.change_seq, each.target, each.rule_id, each.rule_name,
                    each.group, each.severity, FIRING, REPEAT, WAITING, due_ns,
                )
            )  # fmt: skip
    return found
