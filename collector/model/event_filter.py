"""What a person asks of the list of event traces: words such as ``status:error``, and the rest.

    function:orders-* status:error retried:yes duration:>2s order.id=ord-1003 payment

``name:value`` narrows by what is known of the event trace, ``key=value`` by an attribute of one of
its spans, and what remains is an id, or a piece of a name.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from fnmatch import fnmatchcase
from typing import Any, Final

from collector.errors import BadQuestion
from collector.model.event_trace import STATUSES
from collector.model.search import Search, words

SORTS: Final = ("start", "duration", "wait", "retries", "spans", "cost")
"""Orders of the list, each with the greatest first."""

NO_SEARCH: Final = Search()
_YES: Final = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
_UNITS_NS: Final = {"ns": 1, "us": 1e3, "µs": 1e3, "ms": 1e6, "": 1e6, "s": 1e9} | {
    "m": 60e9,
    "min": 60e9,
    "h": 3600e9,
}
_LENGTH: Final = re.compile(r"(\d{1,12}(?:\.\d{1,9})?)(ns|us|µs|ms|s|min|m|h|)", re.ASCII)
_SHAPE: Final = re.compile(r"[0-9a-f]{1,16}", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Every part given must hold. ``function`` may hold ``*``; durations in ns, ends included."""

    function: str | None = None
    status: str | None = None
    cold: bool | None = None
    retried: bool | None = None
    dead_lettered: bool | None = None
    duplicate: bool | None = None
    min_duration_ns: int | None = None
    max_duration_ns: int | None = None
    min_wait_ns: int | None = None
    correlation_id: str | None = None
    shape_id: int | None = None
    search: Search = NO_SEARCH

    @classmethod
    def parse(cls, query: str | None, given: "EventFilter | None" = None) -> "EventFilter":
        """What the words of ``query`` ask for, beside what the fields of ``given`` do.

        Raises:
            BadQuestion: a word's value cannot be read, or something is asked for twice.
        """
        asked: dict[str, Any] = {}
        others = []
        for word in words(query or ""):
            read = _READERS.get(word.partition(":")[0].lower()) if ":" in word else None
            if read is None:
                others.append(word)
                continue
            name, _, value = word.partition(":")
            _add(asked, read(name, value))
        return _joined(cls(**asked, search=Search.of(others)), given or cls())

    def functions_of(self, names: list[str]) -> list[str] | None:
        """Which of the functions known are meant; None: any."""
        if self.function is None:
            return None
        if "*" not in self.function and "?" not in self.function:
            return [self.function]
        return [name for name in names if fnmatchcase(name, self.function)]


def duration_of(text: str, name: str = "duration") -> int:
    """Nanoseconds that a text such as ``250ms``, ``1.5s`` or ``250`` (milliseconds) names.

    Raises:
        BadQuestion: it is not a duration.
    """
    found = _LENGTH.fullmatch(text.strip().lower())
    if found is None:
        raise BadQuestion(f"{name} {text[:40]!r} is not a duration: give 250ms, 1.5s or 2min")
    return round(float(found[1]) * _UNITS_NS[found[2]])


def shape_number(text: str) -> int:
    """The number behind a shape's id of 16 hex digits.

    Raises:
        BadQuestion: it is none.
    """
    if not _SHAPE.fullmatch(text):
        raise BadQuestion(f"shape {text[:40]!r} is not the id of a shape: 16 hex digits")
    return int(text, 16)


def _joined(query: EventFilter, given: EventFilter) -> EventFilter:
    """Both filters at once; each may say something the other does not."""
    asked = _said(query)
    _add(asked, _said(given))
    return replace(given, **asked)


def _said(one: EventFilter) -> dict[str, Any]:
    values = {field.name: getattr(one, field.name) for field in fields(one)}
    return {name: value for name, value in values.items() if value not in (None, NO_SEARCH)}


def _add(asked: dict[str, Any], more: Mapping[str, Any]) -> None:
    for name, value in more.items():
        if asked.setdefault(name, value) != value:
            raise BadQuestion(f"{name.replace('_', ' ')} is asked for twice: give it once")


def _flag(field: str) -> Callable[[str, str], dict[str, Any]]:
    def read(name: str, value: str) -> dict[str, Any]:
        if value.lower() not in _YES:
            raise BadQuestion(f"{name}:{value[:40]} is neither yes nor no")
        return {field: _YES[value.lower()]}

    return read


def _text(field: str) -> Callable[[str, str], dict[str, Any]]:
    def read(name: str, value: str) -> dict[str, Any]:
        if not value:
            raise BadQuestion(f"{name}: needs a value right behind the colon")
        return {field: value}

    return read


def _status(name: str, value: str) -> dict[str, Any]:
    status = value.lower().replace("-", "_")
    if status not in STATUSES:
        raise BadQuestion(f"{name}:{value[:40]} is none of {', '.join(STATUSES)}")
    return {"status": status}


def _duration(name: str, value: str) -> dict[str, Any]:
    """``>1s``, ``<200ms``, ``1s-5s``; a duration alone is the least."""
    low, dash, high = value.lstrip("<>=").partition("-")
    if dash:
        return {"min_duration_ns": duration_of(low), "max_duration_ns": duration_of(high)}
    bound = "max_duration_ns" if value.startswith("<") else "min_duration_ns"
    return {bound: duration_of(low, name)}


_READERS: Final[dict[str, Callable[[str, str], dict[str, Any]]]] = {
    "function": _text("function"),
    "status": _status,
    "cold": _flag("cold"),
    "retried": _flag("retried"),
    "duplicate": _flag("duplicate"),
    "dead-lettered": _flag("dead_lettered"),
    "dead_lettered": _flag("dead_lettered"),
    "dlq": _flag("dead_lettered"),
    "duration": _duration,
    "wait": lambda name, value: {"min_wait_ns": duration_of(value.lstrip(">="), name)},
    "correlation": _text("correlation_id"),
    "correlation_id": _text("correlation_id"),
    "shape": lambda _, value: {"shape_id": shape_number(value)},
}

WORDS: Final = frozenset(_READERS)
"""What may stand before a colon."""

VALUES: Final[Mapping[str, tuple[str, ...]]] = {
    "status": STATUSES,
    "function": (),
    "cold": ("yes", "no"),
    "retried": ("yes", "no"),
    "duplicate": ("yes", "no"),
    "dlq": ("yes", "no"),
    "duration": (">1s", ">10s", "<100ms"),
    "wait": (">1s", ">1min"),
    "correlation": (),
    "shape": (),
}
"""The words to suggest, with values to choose from where there are few."""
