"""What the writer has to store next: exports with their rows, as one set of tables."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from collector.batch import Batch, Export, Outcome


@dataclass(frozen=True, slots=True)
class Taken:
    """One export with what dedup and the ``exports`` table need to know of it."""

    export: Export
    digest: bytes
    records: int
    rejected: int
    content_ns: int  # time its sender gave its first record, 0 when none: never the time of receipt


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
    return [
        Taken(export, digest, outcome.accepted, outcome.rejected_count, outcome.content_ns)
        for export, outcome, digest in zip(exports, batch.outcomes, digests, strict=True)
        if isinstance(outcome, Outcome) and outcome.accepted
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
