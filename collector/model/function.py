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


@dataclass(frozen=True, slots=True)
class FunctionHealth:
    """What the invocations of one function in a window say.

    ``known_start_count`` is of the invocations whose cold or warm state is known.
    """

    name: str
    provider: str | None
    platform: str | None
    region: str | None
    account_id: str | None
    memory_bytes: int | None
    invocation_count: int
    error_count: int
    cold_start_count: int
    known_start_count: int
    duration_p50_ns: float | None
    duration_p95_ns: float | None
    duration_p99_ns: float | None

    @property
    def error_rate(self) -> float | None:
        return self.error_count / self.invocation_count if self.invocation_count else None

    @property
    def cold_start_rate(self) -> float | None:
        """Cold invocations of those whose state is known; None when of none it is."""
        return self.cold_start_count / self.known_start_count if self.known_start_count else None

    @property
    def cold_start_coverage(self) -> float | None:
        """Share of the invocations whose state is known."""
        return self.known_start_count / self.invocation_count if self.invocation_count else None
