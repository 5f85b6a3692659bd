"""What the writer has to store next: exports with their rows, as one set of tables."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from collector.batch import Batch, Export, Outcome

# The table whose rows are the records of an export, and the column that dates them.
RECORD_TABLES: Final = {"spans": "start_ns", "log_records": "time_ns", "metric_points": "time_ns"}


@dataclass(frozen=True, slots=True)
class Taken:
    """One export with what dedup and the ``exports`` table need to know of it."""

    export: Export
    digest: bytes
    records: int
    rejected: int
    content_ns: int  # time of its first record, 0 when that has none


@dataclass(frozen=True, slots=True)
class Work:
    """Exports in order of ``seq`` and all their rows."""

    exports: Sequence[Taken]
    tables: Mapping[str, pa.Table]

    def without(self, seqs: Iterable[int]) -> "Work":
        """The same less some exports; nothing is copied when there are none."""
        dropped = set(seqs)
        if not dropped:
            return self
        kept = [taken for taken in self.exports if taken.export.seq not in dropped]
        values = pa.array(sorted(dropped), pa.int64())
        tables = {
            name: table.filter(pc.invert(pc.is_in(table["export_seq"], value_set=values)))
            if "export_seq" in table.column_names
            else table
            for name, table in self.tables.items()
        }
        return Work(kept, tables)

    def halves(self) -> tuple["Work", "Work"]:
        """Two works of half the exports each."""
        seqs = [taken.export.seq for taken in self.exports]
        middle = len(seqs) // 2
        return self.without(seqs[middle:]), self.without(seqs[:middle])


def taken(exports: Sequence[Export], batch: Batch, digests: Sequence[bytes]) -> list[Taken]:
    """Joins the exports of a batch with what became of them; those without records drop out."""
    records = _records(batch.tables)
    return [
        Taken(export, digest, *_figures(records[export.seq], outcome))
        for export, outcome, digest in zip(exports, batch.outcomes, digests, strict=True)
        if export.seq in records and isinstance(outcome, Outcome)
    ]


def joined(parts: Sequence[tuple[Sequence[Taken], Batch]]) -> Work:
    """One work out of several batches."""
    tables: dict[str, list[pa.Table]] = {}
    for _, batch in parts:
        for name, table in batch.tables.items():
            tables.setdefault(name, []).append(table)
    return Work(
        [export for exports, _ in parts for export in exports],
        {name: pa.concat_tables(found) for name, found in tables.items()},
    )


def _figures(found: tuple[int, int], outcome: Outcome) -> tuple[int, int, int]:
    records, content_ns = found
    return records, outcome.rejected_count, content_ns


def _records(tables: Mapping[str, pa.Table]) -> dict[int, tuple[int, int]]:
    """Number of records and time of the first of them, by ``export_seq``."""
    found: dict[int, tuple[int, int]] = {}
    for name, time_column in RECORD_TABLES.items():
        if name in tables:
            found |= _runs(tables[name], time_column)
    return found


def _runs(table: pa.Table, time_column: str) -> dict[int, tuple[int, int]]:
    """The rows of an export follow one another, so runs of equal numbers are the exports."""
    seqs = table["export_seq"].to_numpy()
    starts = np.flatnonzero(np.concatenate(([True], seqs[1:] != seqs[:-1])))
    lengths = np.diff(starts, append=len(seqs))
    times = table[time_column].take(pa.array(starts)).fill_null(0).to_pylist()
    return {
        seq: (length, time)
        for seq, length, time in zip(seqs[starts].tolist(), lengths.tolist(), times, strict=True)
    }
