"""What a translation gives: OTLP as bytes, and a count of all that could not be translated.

Serialized requests may be put one after the other: protobuf reads that as one request with the
parts of all of them, so nothing here is ever parsed again only to be joined.
"""

from collections import Counter
from dataclasses import dataclass, field

from collector.batch import Signal


@dataclass(slots=True)
class Translated:
    """``bodies``: serialized ``Export*ServiceRequest`` by signal.

    ``rejected``: records that cannot be kept, by signal and reason. ``unreadable``: pieces of
    which nobody knows how many records they held, by reason.
    """

    bodies: dict[Signal, bytes] = field(default_factory=dict)
    rejected: Counter[tuple[Signal, str]] = field(default_factory=Counter)
    unreadable: Counter[str] = field(default_factory=Counter)

    def add(self, signal: Signal, body: bytes) -> None:
        """Appends a serialized request."""
        self.bodies[signal] = self.bodies.get(signal, b"") + body
