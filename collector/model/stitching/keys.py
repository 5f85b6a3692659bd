"""Correlation keys: what telemetry says that can tie fragments, and how each kind is written.

A key is a text, ``namespace:value``. Two fragments that hold the same text may belong together.
Values that are unique anywhere (message ids, request ids, execution ids, correlation ids) share one
namespace, since one hop often calls "message id" what the next calls "correlation id"; a value that
means something only in its place (an offset in a partition) carries the place in its text.

Decoding writes what the promoted columns do not hold into the ``keys`` column of spans, links,
events and log records: one text per key, a letter (:class:`Letter`) and the value.
"""

import re
from enum import IntEnum, StrEnum
from functools import lru_cache
from typing import Final


class Kind(IntEnum):
    """What a key is; the number is stored."""

    TRACE = 1  # the fragment has spans of this trace, or refers to it
    SPAN = 2  # the context of one span in a trace that is split into several fragments
    MESSAGE = 3
    INVOCATION = 4  # the provider's request id
    EXECUTION = 5  # of a workflow engine
    EVENT = 6  # CloudEvents source + id, an event bus's event id, a causation id
    OBJECT = 7  # bucket and key
    CORRELATION = 8  # a correlation id under a usual name, or under one the user configured
    BUSINESS = 9  # an id under a name such as order_id; ties only to a CORRELATION of equal value
    IDEMPOTENCY = 10


EVIDENCE: Final[dict[Kind, str]] = {
    Kind.TRACE: "trace id",
    Kind.SPAN: "span link",
    Kind.MESSAGE: "message id",
    Kind.INVOCATION: "invocation id",
    Kind.EXECUTION: "execution id",
    Kind.EVENT: "event id",
    Kind.OBJECT: "object key",
    Kind.CORRELATION: "correlation id",
    Kind.BUSINESS: "correlation id",
    Kind.IDEMPOTENCY: "idempotency key",
}


class Role(IntEnum):
    """What the fragment did with the thing named; the number is stored."""

    MENTION = 0
    OUT = 1  # sent the message, invoked the function, started the execution, wrote the object
    IN = 2  # received, was invoked, was started, read
    OWN = 3  # TRACE and SPAN only: the fragment is (part of) it; MENTION and IN refer to it


class Outcome(IntEnum):
    """How the handling of something received ended; the number is stored."""

    UNKNOWN = 0
    OK = 1
    ERROR = 2


class Letter(StrEnum):
    """First letter of a text in a ``keys`` column; the rest is the value as described."""

    MESSAGE = "m"  # one more message id: "<id>"; of a partitioned log "<partition>:<offset>"
    EXECUTION = "x"
    EVENT = "e"  # "<id>", of a CloudEvent "<source>\n<id>"
    CAUSATION = "u"  # the id of the event that caused this one
    OBJECT = "o"  # "<bucket>/<key>"
    CORRELATION = "k"  # two letters of family, then the value: "ccord-1" (see family())
    BUSINESS = "w"  # two letters of family, then the value
    FAMILY = "f"  # two letters: the family of the value in the correlation_id column, unless "cc"
    IDEMPOTENCY = "q"
    TRACE = "t"  # a trace id named in an attribute or log field: 32 hex digits
    TENANT = "n"
    BATCH = "b"  # number of messages the span says it handles at once
    ATTEMPT = "r"  # how many times this message was delivered so far, this time included
    ENQUEUED = "g"  # when the message was sent, ns since the epoch
    DEAD_LETTER_OF = "d"  # the queue this dead letter comes from ("": only "it is one" is known)


COMMON_FAMILY: Final = "cc"
"""Family of the usual correlation names (correlation_id, x-correlation-id, ...)."""

REQUEST_FAMILY: Final = "Uz"
"""Family of the id that proxies give a request and services hand on, x-request-id."""

WORTHLESS: Final = frozenset(
    ("", "null", "nil", "none", "undefined", "unknown", "n/a", "na", "nan", "-", "--", "0", "1",
     "-1", "test", "string", "default", "id", "true", "false", "todo", "example", "empty",
     "[object object]", "{}", "[]", "correlation_id", "correlation-id")
)  # fmt: skip
"""Values that say nothing, in lower case; an id of one repeated character says nothing either."""


_LONGEST_WORD: Final = max(map(len, WORTHLESS))
_NO_DIGITS: Final = str.maketrans("", "", "0123456789")
_HEX: Final = re.compile(r"[0-9a-f]{32}")
_HEX_DIGITS: Final = 32
_JUDGED: Final = 4096  # an id is named several times, close together


@lru_cache(maxsize=_JUDGED)
def is_worthless(value: str) -> bool:
    """True for values that tie nothing: words for "none" and ids such as all zeros."""
    ends = (value[:1] + value[-1:]).lower()
    if len(value) > _LONGEST_WORD and ends.isalnum() and ends[0] != ends[1]:
        return False  # nearly every id, at a quarter of the time
    text = value.strip().lower()
    bare = text.replace("-", "").replace(".", "")
    return text in WORTHLESS or len(set(bare)) <= 1


@lru_cache(maxsize=_JUDGED)
def is_unique(value: str) -> bool:
    """True when the value can be taken as unique anywhere, not only at its queue or topic.

    A UUID, a ULID, any text of 16 and more that mixes letters and digits; not a counter, an offset
    or a partition with its offset.
    """
    bare = value.replace("-", "")
    if len(bare) < 16:
        return False
    others = bare.translate(_NO_DIGITS)
    return len(bare) - len(others) >= 4 and any(map(str.isalpha, others))


def trace_key(trace_id: str) -> str:
    """Key of a whole trace (32 hex digits)."""
    return f"t:{trace_id}"


def span_key(trace_id: str, span_id: str) -> str:
    """Key of one span's context."""
    return f"s:{trace_id}{span_id}"


def value_key(value: str) -> str:
    """Key of a value that is one id everywhere.

    What has the form of a trace id (32 lower-case hex digits) shares the key of that trace: systems
    use the trace id of the first request as their correlation id.
    """
    return f"t:{value}" if len(value) == _HEX_DIGITS and _HEX.fullmatch(value) else f"v:{value}"


def placed_key(destination: str, value: str) -> str:
    """Key of a message id that is unique at its destination only."""
    return f"m:{destination}/{value}"


def object_key(path: str) -> str:
    """Key of a stored object, ``bucket/key``."""
    return f"o:{path}"


def event_key(source: str, event_id: str) -> str:
    """Key of a CloudEvent."""
    return f"c:{source}\n{event_id}"
