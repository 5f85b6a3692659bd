"""Functions as seen in telemetry. None is unknown, 0 is zero."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FunctionSeen:
    """A function that sent something in a window: what filters offer."""

    name: str
    last_seen_ns: int
    span_count: int
    invocation_count: int
    error_count: int
    log_count: int
