"""Log records as read back from the store."""

from dataclasses import dataclass
from typing import Any, Final

from collector.errors import BadQuestion
from collector.model.attributes import Attributes
from collector.model.record import record

_NAMES: Final = ("trace", "debug", "info", "warn", "error", "fatal")
_ALIASES: Final = {"warning": "warn", "critical": "fatal", "information": "info"}


def severity_name(number: int) -> str:
    """The name of an OTLP severity number: 1-4 trace … 21-24 fatal; anything else unspecified."""
    return _NAMES[(number - 1) // 4] if 1 <= number <= 24 else "unspecified"


def severity_number(text: str) -> int:
    """The least number of a severity given as name or number.

    Raises:
        BadQuestion: neither a name nor 1 to 24.
    """
    word = _ALIASES.get(text.strip().lower(), text.strip().lower())
    if word in _NAMES:
        return _NAMES.index(word) * 4 + 1
    if word.isascii() and word.isdigit() and 1 <= int(word[:3]) <= 24:
        return int(word)
    raise BadQuestion(f"severity {text[:40]!r} is unknown: use {', '.join(_NAMES)} or 1 to 24")


@record(frozen=True, slots=True)
class LogRecord:
    """One log record; ``body`` is the value as sent (text, or a JSON value).

    ``key`` finds this record again; empty for one that was not read from the store.
    """

    time_ns: int
    severity_number: int
    severity_text: str | None
    body: Any
    event_name: str | None
    trace_id: str | None
    span_id: str | None
    function: str | None
    service: str | None
    invocation_id: str | None
    correlation_id: str | None
    attributes: Attributes
    resource_attributes: Attributes
    key: str = ""

    @property
    def severity(self) -> str:
        """The severity's name, lower case; "unspecified" when not sent."""
        return severity_name(self.severity_number)


@dataclass(frozen=True, slots=True)
class LogPage:
    """Log records, newest first, and where the next page starts (None: this is the last)."""

    logs: tuple[LogRecord, ...]
    next_cursor: str | None
