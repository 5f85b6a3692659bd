"""A time window: absolute or relative bounds, read from text a person types."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final, Self

from collector.errors import BadQuestion

NS_PER_S: Final = 1_000_000_000
ALL_TIME_NS: Final = 2**62
"""Beyond any time that is stored: the open end of a look-up over everything."""

_UNITS_S: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_RELATIVE: Final = re.compile(r"(?:now)?-(\d{1,9})([smhdw])", re.ASCII)
_RFC3339: Final = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?([Zz]|[+-]\d\d:\d\d)", re.ASCII
)
ACCEPTED: Final = (
    "use RFC 3339 with a zone (2026-01-31T12:00:00Z, up to 9 digits of a second), "
    "a time ago (-30s, -15m, -1h, -7d, -2w) or now"
)


@dataclass(frozen=True, slots=True)
class Window:
    """From ``since_ns`` (included) to ``until_ns`` (not included), nanoseconds UTC."""

    since_ns: int
    until_ns: int

    @classmethod
    def parse(
        cls, since: str | None, until: str | None, clock: Callable[[], int] | None = None
    ) -> Self:
        """The window two texts name; by default the last hour.

        Both bounds are resolved against one reading of ``clock`` (ns; by default the system's).
        "now" is the end of the present millisecond, so that what was answered before the question
        is inside.

        Raises:
            BadQuestion: a bound cannot be read, or the window ends before it begins.
        """
        now_ns = (clock or time.time_ns)()
        bounds = cls(
            parse_time(since or "-1h", now_ns, "since"), parse_time(until or "now", now_ns, "until")
        )
        if bounds.since_ns >= bounds.until_ns:
            raise BadQuestion(
                "since is not before until: the window is empty; swap them or leave until out"
            )
        return bounds

    @classmethod
    def all_time(cls) -> Self:
        """The window that holds everything stored."""
        return cls(0, ALL_TIME_NS)

    @property
    def length_ns(self) -> int:
        return self.until_ns - self.since_ns


def parse_time(text: str, now_ns: int, name: str = "time") -> int:
    """Nanoseconds since the epoch that ``text`` names.

    ``name`` is how the message calls the value.

    Raises:
        BadQuestion: the text is none of the forms in ``ACCEPTED``.
    """
    stripped = text.strip()
    if stripped.lower() == "now":
        return now_ns + 1_000_000
    if relative := _RELATIVE.fullmatch(stripped):
        return max(0, now_ns - int(relative[1]) * _UNITS_S[relative[2]] * NS_PER_S)
    # A "+" in a query string arrives as a space: "…T12:00:00 02:00" is meant as +02:00.
    absolute = _RFC3339.fullmatch(re.sub(r" (\d\d:\d\d)$", r"+\1", stripped))
    if absolute is None:
        raise BadQuestion(f"{name} {text[:80]!r} is not a time: {ACCEPTED}")
    return _absolute_ns(absolute, name)


def _absolute_ns(match: re.Match[str], name: str) -> int:
    day, clock_time, fraction, zone = match.groups()
    try:
        moment = datetime.fromisoformat(f"{day}T{clock_time}{zone.upper()}").astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise BadQuestion(f"{name} {match[0]!r} is not a date that exists: {ACCEPTED}") from error
    since_epoch = moment - datetime(1970, 1, 1, tzinfo=UTC)
    seconds = since_epoch.days * 86400 + since_epoch.seconds
    return seconds * NS_PER_S + int((fraction or "0").ljust(9, "0"))


def format_time(time_ns: int) -> str:
    """RFC 3339 UTC with as many digits of a second as the time has, none when it has none."""
    seconds, fraction = divmod(time_ns, NS_PER_S)
    digits = f".{fraction:09d}".rstrip("0") if fraction else ""
    return f"{_whole_second(seconds)}{digits}Z"


@lru_cache(maxsize=4096)  # the times of one answer lie in few seconds; each takes 2 µs to write
def _whole_second(seconds: int) -> str:
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    except (ValueError, OverflowError, OSError):
        return "9999-12-31T23:59:59" if seconds > 0 else "0001-01-01T00:00:00"
