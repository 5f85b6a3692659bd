"""What the value under a key's name becomes in the ``keys`` column, one text at a time.

Each reader gives the value without its letter, or None for a value that is no such thing. Values
are bounded: whatever a sender puts under these names, a key stays short.
"""

import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final
from urllib.parse import unquote

from collector.decode import meanings
from collector.decode.records import EARLIEST_NS, LATEST_NS
from collector.model.id_text import LONGEST, tidy_id, trace_id_of
from collector.model.stitching.keys import is_worthless

SHORTEST_LOOSE: Final = 6
LONGEST_LOOSE: Final = 128
_MOST_COUNTED: Final = 1_000_000
_LONGEST_BAGGAGE: Final = 8192
_SIGNS: Final = re.compile(r"[-_.]")
_BLANK: Final = re.compile(r"\s")
_DIGIT: Final = re.compile(r"[0-9]")
_NUMBER: Final = re.compile(r"[0-9]{1,20}(?:\.[0-9]*)?", re.ASCII)
_COUNT: Final = re.compile(r"[0-9]{1,7}", re.ASCII)


def correlation(text: str) -> str | None:
    """A correlation id as the column of that name holds it; worthless ones too, to be listed."""
    return meanings.correlation_id(text)


def baggage(text: str) -> str | None:
    """The correlation id among the members of a W3C Baggage header."""
    if len(text) > _LONGEST_BAGGAGE:
        return None
    for member in text.split(","):
        name, _, value = member.partition(";")[0].partition("=")
        if _SIGNS.sub("", name.strip().lower()) in {"correlationid", "xcorrelationid"}:
            return correlation(unquote(value.strip()))
    return None


def id_text(text: str) -> str | None:
    """An id under a name that leaves no doubt: anything but blanks and words for "none"."""
    if len(text) > LONGEST:
        return None
    tidy = tidy_id(text)
    return None if _BLANK.search(tidy) or is_worthless(tidy) else tidy


def loose_id(text: str) -> str | None:
    """An id under a name that may mean something else: of 6 to 128 characters, with a digit."""
    tidy = id_text(text)
    if tidy is None or not SHORTEST_LOOSE <= len(tidy) <= LONGEST_LOOSE:
        return None
    return tidy if _DIGIT.search(tidy) else None


def resource_name(text: str) -> str | None:
    """An id only when it is a whole name of a resource: an ARN, or a path that begins projects/."""
    return id_text(text) if text.startswith(("arn:", "projects/")) else None


def trace(text: str) -> str | None:
    """The trace id a text carries; the log lines of a trace repeat it, so it is remembered."""
    return _remembered_trace(text) if len(text) <= LONGEST else None


_remembered_trace = lru_cache(4096)(trace_id_of)


def tenant(text: str) -> str | None:
    tidy = tidy_id(text[: LONGEST + 1])
    return tidy if len(tidy) <= LONGEST_LOOSE and not _is_none(tidy) else None


def _is_none(text: str) -> bool:
    """Words for "no value"; tenants may well be called 1 or test."""
    return text.lower() in {"", "null", "nil", "none", "undefined", "unknown", "n/a", "-"}


def count(text: str) -> str | None:
    """A whole number from 1 to a million."""
    if not _COUNT.fullmatch(text) or not 1 <= int(text) <= _MOST_COUNTED:
        return None
    return str(int(text))


def moment(text: str) -> str | None:
    """A time as ns since the epoch: from seconds to nanoseconds by magnitude, or ISO 8601."""
    time_ns = _scaled(text) if _NUMBER.fullmatch(text) else _iso(text)
    return str(time_ns) if EARLIEST_NS <= time_ns < LATEST_NS else None


def _scaled(text: str) -> int:
    whole, _, part = text.partition(".")
    number = int(whole)
    for most, unit in ((10**11, 10**9), (10**14, 10**6), (10**17, 10**3)):
        if number < most:
            return number * unit + int((part + "0" * 9)[:9]) * unit // 10**9
    return number


def _iso(text: str) -> int:
    """0 when the text is no time."""
    if not 19 <= len(text) <= 40:
        return 0
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return 0
    since = (time if time.tzinfo else time.replace(tzinfo=UTC)) - datetime.fromtimestamp(0, UTC)
    return (since.days * 86_400 + since.seconds) * 10**9 + since.microseconds * 1000


def queue(text: str) -> str | None:
    """A queue, topic or subscription by name, of its ARN, URL or path."""
    if len(text) > LONGEST or is_worthless(text):
        return None
    return meanings.destination(text).rsplit("/", 1)[-1]


def dead_letter(text: str) -> str | None:
    """Empty when a message was put aside as a dead letter, whatever the queue."""
    return "" if text.lower().replace("-", "_") in {"dead_letter", "deadletter"} else None
