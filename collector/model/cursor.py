"""Where the next page starts, as text that callers pass back unread."""

import base64
import binascii
import json
import uuid

from collector.errors import BadQuestion


def write(*key: int | str) -> str:
    """The cursor behind a row with this key."""
    text = json.dumps(key, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read(cursor: str, kinds: tuple[type, ...]) -> list[int | str]:
    """The key a cursor was written with; ``kinds`` are the types its parts must have.

    Raises:
        BadQuestion: it was not made by :func:`write` for the same list.
    """
    try:
        key = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error, RecursionError) as error:
        raise unreadable() from error
    if not isinstance(key, list) or [type(part) for part in key] != list(kinds):
        raise unreadable()
    if any(isinstance(part, int) and not -(2**63) <= part < 2**63 for part in key):
        raise unreadable()
    return key


def unreadable() -> BadQuestion:
    """What to raise for a cursor that belongs to another list, or to none."""
    return BadQuestion(
        "cursor is not one this list gave out: pass next_cursor unchanged, or leave it out"
    )


def read_uuid(text: str) -> uuid.UUID:
    """A trace id inside a cursor.

    Raises:
        BadQuestion: it is not 32 hex digits.
    """
    try:
        return uuid.UUID(hex=text)
    except ValueError as error:
        raise unreadable() from error


def read_id(text: str) -> int:
    """An id of 16 hex digits inside a cursor.

    Raises:
        BadQuestion: it is none.
    """
    if len(text) != 16 or not set(text) <= set("0123456789abcdef"):
        raise unreadable()
    return int(text, 16)
