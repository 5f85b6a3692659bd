"""What the texts of a ``keys`` column name, but for messages and for correlation ids."""

from typing import Final

from collector.model.stitching.keys import (
    Kind,
    Letter,
    event_key,
    is_unique,
    is_worthless,
    object_key,
    trace_key,
    value_key,
)

_SHORTEST: Final = 8


def keys_of(text: str) -> list[tuple[str, Kind, str]]:
    """Key, kind and family for a text of a keys column, but for messages and values."""
    letter, value = text[:1], text[1:]
    if letter == Letter.TRACE:
        return [(trace_key(value), Kind.TRACE, "")]
    if letter == Letter.OBJECT:
        return [] if is_worthless(value) else [(object_key(value), Kind.OBJECT, "")]
    if letter == Letter.IDEMPOTENCY:
        return [] if is_worthless(value) else [(value_key(value), Kind.IDEMPOTENCY, "")]
    if letter == Letter.EXECUTION:
        return _strong(_execution(value), Kind.EXECUTION, "ex")
    if letter == Letter.CAUSATION:
        return _strong(value, Kind.EVENT, "ev")
    if letter == Letter.EVENT:
        source, _, event_id = value.rpartition("\n")
        if not source:
            return _strong(value, Kind.EVENT, "ev")
        if is_worthless(event_id):
            return []
        named = [(event_key(source, event_id), Kind.EVENT, "")]
        # What only names the id (a causation id, a log) meets it there; another source's event
        # with the same number does not.
        bare = _strong(event_id, Kind.EVENT, "ev")
        return named + [
            (key, Kind.BUSINESS if kind is Kind.CORRELATION else kind, family)
            for key, kind, family in bare
        ]
    return []


def _strong(value: str, kind: Kind, family: str) -> list[tuple[str, Kind, str]]:
    """An id that is exact evidence only when it is unique anywhere, else as a correlation id.

    One that is shorter than :data:`_SHORTEST` may be a counter.
    """
    if is_worthless(value) or len(value) < _SHORTEST:
        return []
    unique = is_unique(value)
    return [(value_key(value), kind if unique else Kind.CORRELATION, "" if unique else family)]


def _execution(value: str) -> str:
    """An execution of Google's workflows by its id, as its steps know it, not by its whole name."""
    last = value.rpartition("/")[2]
    return last if value.startswith("projects/") and is_unique(last) else value
