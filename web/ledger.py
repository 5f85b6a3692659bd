"""What became of every record received since the start; the sums always add up.

received = stored + rejected + duplicate + waiting
"""

from collections.abc import Mapping
from dataclasses import dataclass

from collector.batch import Signal
from collector.service import Service

QUARANTINED = "quarantined"
"""The reason of records that were answered and that DuckDB refused: their export is in a file."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """Records of one signal. ``rejected`` is by reason; ``waiting`` are safe in the journal."""

    received: int
    stored: int
    rejected: Mapping[str, int]
    duplicate: int

    @property
    def waiting(self) -> int:
        """What is left: the writer has neither stored nor dropped it yet."""
        return self.received - self.stored - self.duplicate - sum(self.rejected.values())


def read(service: Service) -> dict[Signal, Ledger]:
    """The ledger of each signal. The later station is read first, so no record counts twice."""
    written = service.writer.applier.records
    after = {
        signal: (written.stored[signal], written.duplicate[signal], written.quarantined[signal])
        for signal in Signal
    }
    counts = service.intake.counters.read()
    ledgers: dict[Signal, Ledger] = {}
    for signal, (stored, duplicate, quarantined) in after.items():
        rejected = {
            reason: count for (each, reason), count in counts.rejected.items() if each is signal
        }
        if quarantined:
            rejected[QUARANTINED] = quarantined
        received = counts.received.get(signal, 0)
        ledgers[signal] = Ledger(received, stored, rejected, duplicate)
    return ledgers
