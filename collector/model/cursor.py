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
        raise BadQuestion(_MESSAGE) from error
    if not isinstance(key, list) or [type(part) for part in key] != list(kinds):
        raise BadQuestion(_MESSAGE)
    if any(isinstance(part, int) and not -(2**63) <= part < 2**63 for part in key):
        raise BadQuestion(_MESSAGE)
    return key


_MESSAGE = "cursor is not one this list gave out: pass next_cursor unchanged, or leave it out"


def read_uuid(text: str) -> uuid.UUID:
    """A trace id inside a cursor.

    Raises:
        BadQuestion: it is not 32 hex digits.
    """
    try:
        return uuid.UUID(hex=text)
    except ValueError as error:
        raise BadQuestion(_MESSAGE) from error
