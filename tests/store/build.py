"""Small batches of rows and stores on a temporary path, for the tests of the store."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from collector.batch import Batch, Export, Outcome, Signal
from collector.columns import SPANS
from collector.store.database import Database

T0_NS = 1_700_000_000_000_000_000


def open_database(directory: Path, **options: Any) -> Database:
    """A database file in ``directory`` with small limits."""
    settings = {
        "memory_bytes": 256 * 1024**2,
        "threads": 2,
        "checkpoint_bytes": 64 * 1024**2,
        "query_timeout_s": 10.0,
    }
    return Database.open(directory / "store.duckdb", **(settings | options))


def export(seq: int, body: bytes | None = None, signal: Signal = Signal.TRACES) -> Export:
    """An export whose body is its number, or the one given."""
    return Export(seq, signal, body or b"export %d" % seq, T0_NS + seq)


def column(field: pa.Field, values: Sequence[Any]) -> pa.Array:
    """Values as an array of the field's type; ids as 16 bytes, None for null."""
    if field.type == pa.uuid():
        return pa.ExtensionArray.from_storage(pa.uuid(), pa.array(values, pa.binary(16)))
    return pa.array(values, field.type)


def table(schema: pa.Schema, rows: Sequence[dict[str, Any]]) -> pa.Table:
    """Rows as a table of the schema; a column no row names is null."""
    arrays = [column(field, [row.get(field.name) for row in rows]) for field in schema]
    return pa.table(arrays, schema=schema)


def spans(exports: Iterable[Export], each: int = 2) -> Batch:
    """A batch with ``each`` spans for every export, dated by the export's body."""
    exports = list(exports)
    rows = [
        {
            "start_ns": T0_NS + int.from_bytes(item.body[-4:], "big"),
            "duration_ns": 1000,
            "trace_id": item.body.ljust(16, b"\0")[:16],
            "span_id": number + 1,
            "parent_span_id": number or None,
            "name": "work",
            "kind": 2,
            "status_code": 0,
            "function": "orders",
            "resource_id": 1,
            "scope_id": 1,
            "export_seq": item.seq,
        }
        for item in exports
        for number in range(each)
    ]
    return Batch({"spans": table(SPANS, rows)}, [Outcome(each) for _ in exports])
