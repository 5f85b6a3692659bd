"""What became of deliveries since the start, for /metrics."""

from collections import Counter
from threading import Lock

from collector.model.delivery import Attempt
from collector.model.timings import Timings


class DeliveryCounts:
    """``attempts`` by target and outcome (sent, failed); ``ended``: deliveries by target and state.

    A message is one attempt at least, and carries one delivery or more.
    """

    def __init__(self) -> None:
        self.timings = Timings()
        self._attempts: Counter[tuple[str, str]] = Counter()
        self._ended: Counter[tuple[str, str]] = Counter()
        self._lock = Lock()

    def attempted(self, target: str, attempt: Attempt) -> None:
        """Counts one attempt to send a message."""
        with self._lock:
            self._attempts[target, "failed" if attempt.error else "sent"] += 1
            self.timings.took(attempt.latency_ms / 1e3)

    def ended(self, target: str, state: str, count: int = 1) -> None:
        """Counts deliveries that reached a state."""
        with self._lock:
            self._ended[target, state] += count

    def read(self) -> tuple[dict[tuple[str, str], int], dict[tuple[str, str], int]]:
        """Attempts and ends, as they are now."""
        with self._lock:
            return dict(self._attempts), dict(self._ended)
