"""Where an id that a person holds was found, and the forms in which keys may have it."""

import re
from dataclasses import dataclass
from typing import Final

from collector.model.id_text import tidy_id, trace_id_of
from collector.model.search import span_number
from collector.model.stitching.keys import Kind, object_key, trace_key, value_key

_HEX: Final = re.compile(
    r"[0-9a-fA-F]{32}|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", re.ASCII
)
_OBJECT: Final = re.compile(r"(?:s3://|gs://|arn:aws[a-z-]*:s3:::)(.+/.+)", re.ASCII)

KINDS: Final[dict[int, str]] = {
    0: "event trace",
    Kind.TRACE: "trace",
    Kind.SPAN: "span",
    Kind.MESSAGE: "message id",
    Kind.INVOCATION: "request id",
    Kind.EXECUTION: "execution id",
    Kind.EVENT: "event id",
    Kind.OBJECT: "object key",
    Kind.CORRELATION: "correlation id",
    Kind.BUSINESS: "correlation id",
    Kind.IDEMPOTENCY: "idempotency key",
}
"""What an id is called by the kind of the key it was found as; 0: it names an event trace."""


@dataclass(frozen=True, slots=True)
class Match:
    """``kind`` is one of KINDS' values; None where nothing of that sort is known.

    ``trace_id`` is one of the event trace's where there is one, the newest the id occurs in.
    """

    kind: str
    trace_id: str | None
    last_seen_ns: int
    event_trace_id: str | None = None


@dataclass(frozen=True, slots=True)
class Stored:
    """How much of one signal is stored; ``last_ns`` None: nothing is."""

    signal: str
    record_count: int
    last_ns: int | None


def key_texts(text: str) -> list[str]:
    """The texts of the keys that an id as typed may be; see ``collector.model.stitching.keys``.

    Trace ids in any of their forms and UUIDs in any case, with dashes or without; objects also as
    addresses (``s3://bucket/key``).
    """
    trace_id = trace_id_of(text)
    found = [value_key(tidy_id(text)), value_key(text)]
    if _HEX.fullmatch(text):
        bare = text.replace("-", "").lower()
        dashed = "-".join((bare[:8], bare[8:12], bare[12:16], bare[16:20], bare[20:]))
        found += [value_key(bare), value_key(dashed), trace_key(bare)]
    if trace_id is not None:
        found += [trace_key(trace_id), value_key(trace_id)]
    if address := _OBJECT.fullmatch(text):
        found.append(object_key(address[1]))
    if text.startswith("projects/"):
        found.append(value_key(text.rpartition("/")[2]))
    if "/" in text:
        found += [object_key(text), f"m:{text}"]
    return list(dict.fromkeys(found))


def event_number(text: str) -> int | None:
    """The number of the event trace an id names; None if it is not 16 hex digits."""
    return span_number(text)
