"""What is told of alerts: one message for the changes of one rule, as text and as JSON.

The same deliveries make the same message, byte for byte: a receiver that gets it twice, because
the process was killed between sending and writing that down, can drop it by its dedup key.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from collector.model.delivery import CHANGE, TEST, Alert
from collector.model.window import format_time

SCHEMA: Final = "lockstitch.alert.v1"
FIRING: Final = "firing"
RESOLVED: Final = "resolved"
_MOST_LINES: Final = 20
_WORDS: Final = {FIRING: "Firing", RESOLVED: "Resolved", TEST: "Test"}


@dataclass(frozen=True, slots=True)
class Message:
    """One message to one target. ``status`` is firing, resolved or test.

    ``link`` is where a person sees the alerts; None: nobody said where the web UI is.
    """

    dedup_key: str
    target: str
    reason: str
    status: str
    alerts: Sequence[Alert]
    link: str | None

    @property
    def title(self) -> str:
        """One line, for a subject or a push notification."""
        if not self.alerts:
            return "Lockstitch: a test message"
        latest = self.alerts[-1]
        groups = list(dict.fromkeys(each.group for each in self.alerts if each.group))
        about = f": {groups[0]}" if groups else ""
        more = f" and {len(groups) - 1} more" if len(groups) > 1 else ""
        return _line(
            f"{_WORDS[self.status]} ({latest.severity}) {latest.rule_name}{about}{more}", 200
        )

    @property
    def text(self) -> str:
        """What happened, a line for each change, then who answers for it and what to do."""
        if not self.alerts:
            return f"This is a test of the target {self.target}. Nothing is wrong."
        lines = [f"{_WORDS[each.state]}: {_said(each)}" for each in self.alerts[:_MOST_LINES]]
        if len(self.alerts) > _MOST_LINES:
            lines.append(f"… and {len(self.alerts) - _MOST_LINES} more")
        latest = self.alerts[-1]
        lines += [f"Owner: {latest.owner}"] if latest.owner else []
        lines += [latest.note] if latest.note else []
        lines += [self.link] if self.link else []
        return "\n".join(lines)

    @property
    def severity(self) -> str:
        return self.alerts[-1].severity if self.alerts else "info"

    def body(self) -> bytes:
        """The JSON of a webhook; docs/alerts-delivery.md says what each field means."""
        written = {
            "schema": SCHEMA,
            "dedup_key": self.dedup_key,
            "status": self.status,
            "reason": self.reason,
            "target": self.target,
            "title": self.title,
            "text": self.text,
            "link": self.link,
            "rule": _rule(self.alerts[-1]) if self.alerts else None,
            "alerts": [_alert(each) for each in self.alerts],
        }
        return json.dumps(written, ensure_ascii=False, separators=(",", ":")).encode(
            "utf-8", "replace"
        )


def message(
    dedup_key: str, target: str, reasons: Iterable[str], alerts: Sequence[Alert], link: str | None
) -> Message:
    """The message about some changes of one rule, given in the order they came.

    It fires while any of its alerts does. Of several reasons the plain change comes first.
    """
    last = {each.group: each.state for each in alerts}
    status = FIRING if FIRING in last.values() else RESOLVED
    found = set(reasons)
    reason = CHANGE if CHANGE in found else min(found, default=CHANGE)
    return Message(dedup_key, target, reason, status, tuple(alerts), link)


def test_message(dedup_key: str, target: str, link: str | None) -> Message:
    """What the test button sends."""
    return Message(dedup_key, target, TEST, TEST, (), link)


def _said(alert: Alert) -> str:
    about = f" for {alert.group}" if alert.group else ""
    return _line(alert.summary or f"{alert.rule_name}{about}", 500)


def _line(text: str, most: int) -> str:
    """Names come from telemetry: no line breaks or control characters where one line is meant."""
    plain = "".join(each if each.isprintable() else " " for each in text)
    line = " ".join(plain.split())
    return line if len(line) <= most else f"{line[: most - 1]}…"


def _rule(alert: Alert) -> dict[str, Any]:
    return {
        "id": alert.rule_id,
        "name": alert.rule_name,
        "metric": alert.metric,
        "scope": _loaded(alert.scope),
        "severity": alert.severity,
        "threshold": alert.threshold,
        "unit": alert.unit,
        "owner": alert.owner,
        "note": alert.note,
    }


def _alert(alert: Alert) -> dict[str, Any]:
    return {
        "change_id": alert.change_id,
        "key": f"{alert.rule_id}/{alert.group}",
        "group": alert.group,
        "state": alert.state,
        "value": alert.value,
        "threshold": alert.threshold,
        "since": format_time(alert.since_ns),
        "changed_at": format_time(alert.changed_ns),
        "summary": alert.summary,
    }


def _loaded(scope: str) -> Any:
    try:
        return json.loads(scope)
    except ValueError:
        return scope
