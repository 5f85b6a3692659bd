"""What the receivers counted since the process started.

In records and for each signal: received = stored + rejected + duplicate + waiting. ``stored`` and
``duplicate`` are the writer's; the others are here. Records of a body that cannot be decoded are
unknown, so such a body is counted as a request only, and a part of a delivery as ``unreadable``.
"""

import threading
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from collector.batch import Outcome, Signal
from collector.errors import LockstitchError, Overloaded, Rejected, StoreUnavailable


@dataclass(frozen=True, slots=True)
class Counts:
    """One consistent reading of :class:`Counters`; all but ``requests`` are in records."""

    received: Mapping[Signal, int]
    rejected: Mapping[tuple[Signal, str], int]  # by reason
    waiting: Mapping[Signal, int]  # answered, not yet applied to DuckDB
    requests: Mapping[tuple[str, str, str], int]  # by transport, signal (or several) and outcome
    unreadable: Mapping[tuple[str, str], int]  # parts of requests, by transport and reason
    replayed: Mapping[Signal, int]  # part of received: read from the journal at start
    failures: int  # faults of our own; their senders were told to retry
    last_received_ns: Mapping[Signal, int]  # when the latest record of a signal came in


class Counters:
    """Thread-safe; transports count requests, the intake counts records."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._received: Counter[Signal] = Counter()
        self._rejected: Counter[tuple[Signal, str]] = Counter()
        self._waiting: Counter[Signal] = Counter()
        self._replayed: Counter[Signal] = Counter()
        self._requests: Counter[tuple[str, str, str]] = Counter()
        self._unreadable: Counter[tuple[str, str]] = Counter()
        self._failures = 0
        self._last_received_ns: dict[Signal, int] = {}

    def request(self, transport: str, signal: str, outcome: str) -> None:
        """Counts one answered request; ``outcome`` is ok, partial, or the reason it failed."""
        with self._lock:
            self._requests[transport, signal, outcome] += 1

    def unread(self, transport: str, reasons: Mapping[str, int]) -> None:
        """Counts parts of a request that could not be read; the rest of it was taken."""
        with self._lock:
            for reason, count in reasons.items():
                self._unreadable[transport, reason] += count

    def taken(
        self, signal: Signal, outcomes: Iterable[Outcome], now_ns: int, *, replayed: bool = False
    ) -> int:
        """Counts exports whose records are safe or refused; returns the records now waiting."""
        accepted = 0
        rejected: Counter[tuple[Signal, str]] = Counter()
        for outcome in outcomes:
            accepted += outcome.accepted
            for reason, count in outcome.rejected.items():
                rejected[signal, reason] += count
        with self._lock:
            self._received[signal] += accepted + rejected.total()
            self._rejected.update(rejected)
            self._waiting[signal] += accepted
            if replayed:
                self._replayed[signal] += accepted
            elif accepted:
                self._last_received_ns[signal] = now_ns
        return accepted

    def applied(self, signal: Signal, records: int) -> None:
        """Counts records as waiting no longer: the writer has stored or dropped them."""
        with self._lock:
            self._waiting[signal] -= records

    def failed(self) -> int:
        """Counts one fault of our own; returns how many there were."""
        with self._lock:
            self._failures += 1
            return self._failures

    def read(self) -> Counts:
        """All figures, of one moment."""
        with self._lock:
            return Counts(
                received=dict(self._received),
                rejected=dict(self._rejected),
                waiting=dict(self._waiting),
                requests=dict(self._requests),
                unreadable=dict(self._unreadable),
                replayed=dict(self._replayed),
                failures=self._failures,
                last_received_ns=dict(self._last_received_ns),
            )


def label_of(result: Outcome | LockstitchError) -> str:
    """What a request is counted under: ok, partial, or why it was refused."""
    if isinstance(result, Outcome):
        return "partial" if result.rejected else "ok"
    if isinstance(result, Rejected):
        return result.reason
    if isinstance(result, Overloaded):
        return "overloaded"
    return "unavailable" if isinstance(result, StoreUnavailable) else "error"
