"""What is kept quiet, by whom, why and until when; ended silences are kept to be read."""

import time
from collections.abc import Callable, Mapping
from typing import Any, Final
from uuid import uuid4

from collector.alerts.spans import ACCEPTED, span_of
from collector.errors import BadQuestion, BadTarget
from collector.model.delivery import Silence
from collector.model.window import format_time, parse_time
from collector.store.database import Database
from collector.store.delivering import add_silence, end_silence, list_silences

SEVERITIES: Final = ("info", "warning", "critical")
_LONGEST_NS: Final = 90 * 86_400 * 10**9
_MOST_TEXT: Final = 500


class Silences:
    """All silences; ``changed`` is called when one is made or ended."""

    def __init__(
        self,
        database: Database,
        changed: Callable[[], None],
        clock: Callable[[], int] = time.time_ns,
    ) -> None:
        self._database = database
        self._changed = changed
        self._clock = clock

    def all(self, *, ended: bool) -> list[Silence]:
        """Those that go on or are to come, the last to end first; ``ended``: the others too."""
        now_ns = self._clock()
        return self._database.read(lambda cursor: list_silences(cursor, 0 if ended else now_ns))

    def add(self, fields: Mapping[str, Any]) -> Silence:
        """Saves a new silence.

        Raises:
            BadTarget: it matches everything, has no reason, author or end, or ends too late.
        """
        silence = parsed(fields, self._clock())
        self._database.derive(lambda cursor: add_silence(cursor, silence))
        self._changed()
        return silence

    def end(self, silence_id: str) -> bool:
        """Ends one now; False when there is none of this id that has not ended."""
        now_ns = self._clock()
        found = self._database.derive(lambda cursor: end_silence(cursor, silence_id, now_ns))
        self._changed()
        return found


def parsed(fields: Mapping[str, Any], now_ns: int) -> Silence:
    """A silence out of fields a person gave.

    Raises:
        BadTarget: a sentence that says what to change.
    """
    given = {
        name: value.strip() for name, value in fields.items() if value is not None and value.strip()
    }
    if not given.keys() & {"rule", "group", "severity"}:
        raise BadTarget(
            "a silence needs a rule, a group or a severity: one that matches everything hides "
            'everything (group "*" says so on purpose)'
        )
    if given.get("severity", SEVERITIES[0]) not in SEVERITIES:
        raise BadTarget(f"severity: one of {', '.join(SEVERITIES)}")
    for name in ("reason", "author"):
        if name not in given:
            raise BadTarget(f"{name}: say {_ASKED[name]}, for whoever wonders why it is quiet")
    if long := [name for name, value in given.items() if len(value) > _MOST_TEXT]:
        raise BadTarget(f"{long[0]}: at most {_MOST_TEXT} characters")
    starts_ns = _time(given, "starts_at", now_ns) if "starts_at" in given else now_ns
    ends_ns = _end_ns(given, starts_ns, now_ns)
    return Silence(
        str(uuid4()),
        given.get("rule"),
        given.get("group"),
        given.get("severity"),
        given["reason"],
        given["author"],
        starts_ns,
        ends_ns,
        now_ns,
    )


_ASKED: Final = {"reason": "why it is quiet", "author": "who you are"}


def _end_ns(given: Mapping[str, str], starts_ns: int, now_ns: int) -> int:
    if ("ends_at" in given) == ("for" in given):
        raise BadTarget(f"a silence needs an end: give ends_at, or for ({ACCEPTED}), and not both")
    if "for" in given:
        length_ns = span_of(given["for"])
        if not length_ns:
            raise BadTarget(f"for: give {ACCEPTED}")
        ends_ns = starts_ns + length_ns
    else:
        ends_ns = _time(given, "ends_at", now_ns)
    if ends_ns <= max(starts_ns, now_ns):
        raise BadTarget("ends_at: it is over before it begins; give a time to come")
    if ends_ns - now_ns > _LONGEST_NS:
        end = format_time(now_ns + _LONGEST_NS)
        raise BadTarget(f"ends_at: not after {end}: what stays quiet longer is a rule to change")
    return ends_ns


def _time(given: Mapping[str, str], name: str, now_ns: int) -> int:
    try:
        return parse_time(given[name], now_ns, name)
    except BadQuestion as error:
        raise BadTarget(str(error)) from None
