"""What decoding gives: columns per table, and for each export what became of its records."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import pyarrow as pa

from collector.errors import Malformed


class Signal(StrEnum):
    """The three OTLP signals we take."""

    TRACES = "traces"
    METRICS = "metrics"
    LOGS = "logs"


@dataclass(frozen=True, slots=True)
class Export:
    """One export as received: a protobuf ``Export*ServiceRequest`` and when it came."""

    seq: int
    signal: Signal
    body: bytes
    received_ns: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the records of one export: how many are kept, how many not and why.

    ``warnings`` are sentences for the sender about records that were kept. ``content_ns`` is the
    time of the first record kept (0 if none): the same bytes always give the same.
    """

    accepted: int
    rejected: Mapping[str, int] = field(default_factory=dict)
    warnings: Sequence[str] = ()
    content_ns: int = 0

    @property
    def rejected_count(self) -> int:
        return sum(self.rejected.values())


@dataclass(frozen=True, slots=True)
class Batch:
    """The records of one or more exports as Arrow tables named as in ``collector.columns``.

    ``tables`` holds only tables that have rows. ``outcomes`` is in the order of the exports
    given; an export that cannot be decoded has the error in place of an outcome and no rows.
    """

    tables: Mapping[str, pa.Table]
    outcomes: Sequence[Outcome | Malformed]
