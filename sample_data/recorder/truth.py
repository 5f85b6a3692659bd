"""What really happened: one entry for each attempt of each invocation, noted by the recorder."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Message:
    """One message of a queue as delivered to an invocation."""

    queue: str
    message_id: str
    receive_count: int
    event_ids: tuple[str, ...]
    """Business events its body speaks of."""


@dataclass(frozen=True)
class Attempt:
    """One attempt of one function to handle one trigger."""

    function: str
    request_id: str
    attempt: int
    """1 for the first; asynchronous retries count up under the same request id."""
    xray_trace_id: str
    """The X-Ray root the platform ran it under; logs of Powertools and links of Node name it."""
    instance: str
    """The execution environment (log stream name)."""
    cold: bool
    started_ns: int
    duration_ms: float
    init_ms: float | None
    """None: the environment was warm."""
    billed_ms: int
    max_memory_mb: int
    status: str
    """success, error or timeout."""
    error_type: str | None
    source: str
    """What invoked it: api, sqs, sns, s3, events, states."""
    event_ids: tuple[str, ...]
    messages: tuple[Message, ...] = ()


@dataclass
class Ledger:
    """Collects attempts from all threads of the Lambda service."""

    _attempts: list[Attempt] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, attempt: Attempt) -> None:
        with self._lock:
            self._attempts.append(attempt)

    def attempts(self) -> Sequence[Attempt]:
        """All attempts in order of their start."""
        with self._lock:
            return sorted(self._attempts, key=lambda each: each.started_ns)
