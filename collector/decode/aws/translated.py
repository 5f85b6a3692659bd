"""What a translation gives: OTLP as bytes, and a count of all that could not be translated.

Serialized requests may be put one after the other: protobuf reads that as one request with the
parts of all of them, so nothing here is ever parsed again only to be joined.
"""

from collections import Counter
from dataclasses import dataclass, field

from collector.batch import Signal


@dataclass(slots=True)
class Translated:
    """What a piece of telemetry became.

    ``rejected``: records that cannot be kept, by signal and reason. ``unreadable``: pieces of
    which nobody knows how many records they held, by reason.
    """

    rejected: Counter[tuple[Signal, str]] = field(default_factory=Counter)
    unreadable: Counter[str] = field(default_factory=Counter)
    _parts: dict[Signal, list[bytes]] = field(default_factory=dict)

    def add(self, signal: Signal, body: bytes) -> None:
        """Appends a serialized request."""
        self._parts.setdefault(signal, []).append(body)

    @property
    def bodies(self) -> dict[Signal, bytes]:
        """One serialized ``Export*ServiceRequest`` for each signal there is any of."""
        return {signal: b"".join(parts) for signal, parts in self._parts.items()}
