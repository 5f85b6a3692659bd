"""Where an id that a person holds was found."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Match:
    """``kind``: trace, span, correlation id, message id or request id; ``trace_id`` may be None."""

    kind: str
    trace_id: str | None
    last_seen_ns: int


@dataclass(frozen=True, slots=True)
class Stored:
    """How much of one signal is stored; ``last_ns`` None: nothing is."""

    signal: str
    record_count: int
    last_ns: int | None
