"""Exports decoded together: large enough to be cheap, small enough to bound memory."""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import structlog

from collector.batch import Batch, Export, Outcome, Signal
from collector.decode.group import decode_group
from collector.decode.limits import Limits
from collector.errors import Malformed

# A group ends at either: decoding is cheapest at about 4,000 spans a call, which is 2 MB of them.
GROUP_EXPORTS: Final = 256
GROUP_BYTES: Final = 2 * 1024**2

# Rows take 1 to 4 times the bytes they came as. An empty log record is 2 bytes and a row of 100.
_USUAL_GROWTH: Final = 4

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Part:
    """Exports of one signal, decoded together; ``batch.outcomes`` is in their order."""

    exports: Sequence[Export]
    batch: Batch

    @property
    def signal(self) -> Signal:
        """The signal of all of them."""
        return self.exports[0].signal

    @property
    def outcomes(self) -> list[Outcome]:
        """The outcomes of the exports that could be decoded."""
        return [outcome for outcome in self.batch.outcomes if isinstance(outcome, Outcome)]

    @property
    def kept(self) -> list[Export]:
        """The exports that hold records to keep."""
        pairs = zip(self.exports, self.batch.outcomes, strict=True)
        return [export for export, outcome in pairs if keeps(outcome)]

    @property
    def excess_bytes(self) -> int:
        """What the rows take beyond what their exports' bytes stand for in the budget."""
        rows: int = sum(table.nbytes for table in self.batch.tables.values())
        return max(rows - _USUAL_GROWTH * sum(len(export.body) for export in self.exports), 0)


def keeps(outcome: Outcome | Malformed) -> bool:
    """Whether an export has records to keep."""
    return isinstance(outcome, Outcome) and outcome.accepted > 0


def decode_parts(exports: Sequence[Export], limits: Limits) -> list[Part]:
    """Decodes exports of one signal: one part, or one for each where decoding them failed.

    Decoding answers bad input with an outcome. Should it fail itself, the exports are tried one
    by one, so that the one to blame takes no other with it.
    """
    try:
        return [Part(exports, decode_group(exports[0].signal, exports, limits))]
    except Exception:  # counted as malformed, logged with its cause
        if len(exports) > 1:
            return [part for export in exports for part in decode_parts([export], limits)]
        _log.exception("an export could not be decoded", signal=exports[0].signal)
        refused = Malformed("this export cannot be decoded; the collector's log has the reason")
        return [Part(exports, Batch({}, [refused]))]


def runs(exports: Iterable[Export]) -> Iterator[list[Export]]:
    """Cuts exports into groups of consecutive ones of the same signal."""
    for _, same_signal in itertools.groupby(exports, key=lambda export: export.signal):
        yield from _cut(same_signal)


def _cut(exports: Iterable[Export]) -> Iterator[list[Export]]:
    group: list[Export] = []
    size = 0
    for export in exports:
        group.append(export)
        size += len(export.body)
        if len(group) == GROUP_EXPORTS or size >= GROUP_BYTES:
            yield group
            group, size = [], 0
    if group:
        yield group
