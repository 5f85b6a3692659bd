"""The verdict on each record - kept, or rejected and why - and the batch that comes of it."""

from collections import Counter
from collections.abc import Mapping

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from collector.batch import Batch, Outcome
from collector.columns import RESOURCES, SCOPES
from collector.decode.envelope import Envelope
from collector.decode.records import Mask
from collector.decode.resources import Known, rows_of


class Verdict:
    """Which records of a group are kept; a record is counted under the first reason it meets."""

    def __init__(self, export: NDArray[np.int64], exports: int) -> None:
        """``export`` is the index of the export each record came in, below ``exports``."""
        self.kept: Mask = np.ones(len(export), np.bool_)
        self._export = export
        self._rejected: list[dict[str, int]] = [{} for _ in range(exports)]
        self._warnings: list[list[str]] = [[] for _ in range(exports)]

    def reject(self, reason: str, bad: Mask) -> None:
        """Takes out the records where ``bad`` is true and that are still in."""
        if not bad.any():
            return
        fresh = np.flatnonzero(bad & self.kept)
        self.kept[fresh] = False
        for index, count in Counter(self._export[fresh].tolist()).items():
            counts = self._rejected[index]
            counts[reason] = counts.get(reason, 0) + count

    def warn(self, sentence: str, records: NDArray[np.int64]) -> None:
        """Tells the senders of those records that are kept, and how many they are."""
        told = records[self.kept[records]]
        for index, count in sorted(Counter(self._export[told].tolist()).items()):
            self._warnings[index].append(f"{sentence}: {count}")

    def outcomes(self, time_ns: NDArray[np.int64]) -> list[Outcome]:
        """One per export; ``time_ns`` is the content time of each record."""
        kept = np.flatnonzero(self.kept)
        accepted = np.bincount(self._export[kept], minlength=len(self._rejected)).tolist()
        first = np.zeros(len(accepted), np.int64)
        first[self._export[kept][::-1]] = time_ns[kept][::-1]
        warnings = map(tuple, self._warnings)
        return [
            Outcome(*each)
            for each in zip(accepted, self._rejected, warnings, first.tolist(), strict=True)
        ]


def kept(table: pa.Table, mask: Mask) -> pa.Table:
    """The rows where the mask is true; the table itself when that is all of them."""
    return table if mask.all() else table.filter(pa.array(mask))


def batch_of(
    envelope: Envelope,
    verdict: Verdict,
    time_ns: NDArray[np.int64],
    tables: Mapping[str, pa.Table],
    records: NDArray[np.int64] | None = None,
) -> Batch:
    """The batch with the resources and scopes its rows refer to.

    ``records`` are the envelope's records that the verdict is on; None: all, in their order.
    """
    filled = {name: table for name, table in tables.items() if len(table)}
    if filled:
        stored = np.flatnonzero(verdict.kept) if records is None else records[verdict.kept]
        filled["resources"] = rows_of(_used(envelope.resources, envelope.within[stored]), RESOURCES)
        filled["scopes"] = rows_of(_used(envelope.scopes, envelope.scoped[stored]), SCOPES)
    return Batch(filled, verdict.outcomes(time_ns))


def _used(known: list[Known], index: NDArray[np.int64]) -> list[Known]:
    counts = np.bincount(index, minlength=len(known)).tolist()
    return [each for each, count in zip(known, counts, strict=True) if count]
