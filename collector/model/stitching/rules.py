"""The figures by which stitching judges evidence, and which queue is whose dead-letter queue."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from collector.model.stitching.keys import Kind

HOUR_NS: Final = 3_600_000_000_000
DAY_NS: Final = 24 * HOUR_NS

_DEAD_ENDINGS: Final = (
    "-dead-letter-queue", "_dead_letter_queue", "-dead-letters", "_dead_letters", "-dead-letter",
    "_dead_letter", ".deadletter", "-deadletter", "_deadletter", "-poison", "-dlq", "_dlq", ".dlq",
    ".dlt", "-dlt", "dlq",
)  # fmt: skip
_DEAD_PARTS: Final = ("/$deadletterqueue", "/$dead_letter_queue")


def dead_letter_source(destination: str) -> str | None:
    """The queue whose dead letters this destination holds, by its name; None when it is no DLQ.

    ``orders-dlq`` -> ``orders``, ``orders-dlq.fifo`` -> ``orders.fifo``; a name that says only that
    it is a dead-letter queue gives an empty text.
    """
    lower = destination.lower()
    for part in _DEAD_PARTS:
        at = lower.find(part)
        if at >= 0:
            return destination[:at]
    if "d" not in lower and "poison" not in lower:
        return None
    tail = ".fifo" if lower.endswith(".fifo") else ""
    stem = lower.removesuffix(tail) if tail else lower
    for ending in _DEAD_ENDINGS:
        if stem.endswith(ending):
            return destination[: len(stem) - len(ending)].rstrip("-_.") + tail
    return None


@dataclass(frozen=True, slots=True)
class Queues:
    """What the settings say about queues: ``dead_letters`` names the source queue of each DLQ."""

    dead_letters: Mapping[str, str] = field(default_factory=dict)
    dead_letter_of: Callable[[str], str | None] = dead_letter_source

    def source(self, destination: str) -> str:
        """The queue a message was first sent to: of a DLQ its source queue, else itself."""
        return self.dead_letters.get(destination) or self.dead_letter_of(destination) or destination

    def is_dead(self, destination: str) -> bool:
        """True for a dead-letter queue, by the settings or by its name."""
        return destination in self.dead_letters or self.dead_letter_of(destination) is not None


QUEUES: Final = Queues()

_LOOK_BACK: Final = {
    Kind.TRACE: 14 * DAY_NS,
    Kind.SPAN: 14 * DAY_NS,
    Kind.MESSAGE: 14 * DAY_NS,
    Kind.INVOCATION: 14 * DAY_NS,
    Kind.EVENT: 14 * DAY_NS,
    Kind.EXECUTION: 30 * DAY_NS,
    Kind.OBJECT: DAY_NS,
    Kind.CORRELATION: DAY_NS,
    Kind.BUSINESS: DAY_NS,
    Kind.IDEMPOTENCY: DAY_NS,
}


@dataclass(frozen=True, slots=True)
class Rules:
    """Bounds of stitching.

    A key that more than ``hub_bound`` fragments hold within ``hub_window_ns`` joins nothing; for
    trace ids and span contexts, which are exact, the bound is ``trace_bound``. Members of one key
    further apart than ``look_back_ns`` of its kind do not join. ``skew_ns``: by how much clocks of
    two hosts may differ.
    """

    threshold: float = 0.5
    hub_bound: int = 500
    hub_window_ns: int = DAY_NS
    trace_bound: int = 20_000
    look_back_ns: Mapping[Kind, int] = field(default_factory=lambda: _LOOK_BACK)
    skew_ns: int = 120_000_000_000
    queues: Queues = QUEUES


RULES: Final = Rules()
