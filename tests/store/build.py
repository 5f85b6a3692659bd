"""Small batches of rows and stores on a temporary path, for the tests of the store."""

import shutil
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
from duckdb import DuckDBPyConnection as Cursor

from collector.batch import Batch, Export, Outcome, Signal
from collector.columns import SPANS
from collector.store.database import Database
from collector.store.journal import Journal
from collector.store.writer import Writer

T0_NS = 1_700_000_000_000_000_000


class IdleWriter:
    """What a follower sees of a writer that has nothing to do."""

    def __init__(self) -> None:
        self.listeners: list[Any] = []
        self.applied_seq = 0
        self.waiting_rows = 0
        self.held_back = False

    def take_most_waiting(self) -> int:
        return 0


def insert(cursor: Cursor, table: str, rows: pa.Table) -> None:
    """Inserts rows by name; where columns are missing they are null."""
    cursor.register("incoming", rows)
    cursor.execute(f"insert into {table} by name select * from incoming")
    cursor.unregister("incoming")


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
    if pa.types.is_list(field.type) and _has_uuid(field.type):
        offsets = pa.array([0] * (len(values) + 1), pa.int32())
        absent = pa.array([value is None for value in values])
        return pa.ListArray.from_arrays(offsets, pa.nulls(0, field.type.value_type), mask=absent)
    return pa.array(values, field.type)


def table(schema: pa.Schema, rows: Sequence[dict[str, Any]]) -> pa.Table:
    """Rows as a table of the schema; a column no row names is null."""
    arrays = [column(field, [row.get(field.name) for row in rows]) for field in schema]
    return pa.table(arrays, schema=schema)


def example(schema: pa.Schema) -> dict[str, Any]:
    """One row with a value in every column."""
    return {field.name: _value(field.type) for field in schema}


def _value(kind: pa.DataType) -> Any:
    if kind == pa.uuid():
        return bytes(range(16))
    if pa.types.is_list(kind):
        return [] if _has_uuid(kind) else [_value(kind.value_type)]
    if pa.types.is_struct(kind):
        return {field.name: _value(field.type) for field in kind}
    return {pa.string(): "text", pa.bool_(): True, pa.float64(): 1.5}.get(kind, 1)


def _has_uuid(kind: pa.DataType) -> bool:
    """PyArrow builds no nested extension arrays from Python values."""
    return pa.types.is_struct(kind.value_type) and any(f.type == pa.uuid() for f in kind.value_type)


def spans(exports: Iterable[Export], each: int = 2) -> Batch:
    """A batch with ``each`` spans for every export, dated by the export's body."""
    exports = list(exports)
    rows = [
        {
            "start_ns": _content_ns(item),
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
    outcomes = [Outcome(each, content_ns=_content_ns(item)) for item in exports]
    return Batch({"spans": table(SPANS, rows)}, outcomes)


def _content_ns(item: Export) -> int:
    return T0_NS + int.from_bytes(item.body[-4:], "big")


DAY_NS = 86_400 * 10**9


class Store:
    """Database, journal and writer as the service wires them; sends exports as the intake does."""

    def __init__(self, directory: Path, **options: Any) -> None:
        self.directory = directory
        writer_options = {
            name: options.pop(name) for name in ("retention", "clock") if name in options
        }
        self.window_ns = options.pop("dedup_window_ns", DAY_NS)
        self.database = open_database(directory, **options)
        self.journal = Journal.open(directory / "store.duckdb.journal")
        self.writer = Writer(
            self.database, self.journal, dedup_window_ns=self.window_ns, **writer_options
        )
        self.seq = max(self.journal.last_seq, self.writer.applied_seq)

    def __enter__(self) -> "Store":
        self.writer.start()
        while not self.writer.checkpoints:  # the one at the start; no other comes by itself
            time.sleep(0.001)
        for item in self.journal.replay(self.writer.applied_seq):
            self.writer.submit([item], spans([item]), _nothing)
        return self

    def __exit__(self, *_: object) -> None:
        self.writer.stop()
        self.journal.close()
        self.database.close()

    def send(self, *bodies: bytes, each: int = 2) -> list[Export]:
        """Journals and submits exports with these bodies as one group."""
        exports = [export(self.seq + number, body) for number, body in enumerate(bodies, 1)]
        self.seq += len(exports)
        self.journal.append(exports)
        self.writer.submit(exports, spans(exports, each), _nothing)
        return exports

    def settle(self) -> None:
        """Waits until everything sent can be read."""
        assert self.writer.wait_visible(60)

    def ask(self, question: str) -> list[tuple[Any, ...]]:
        """The rows of a question, after everything sent can be read."""
        self.settle()
        return self.rows(question)

    def rows(self, question: str) -> list[tuple[Any, ...]]:
        """The rows of a question as the store is now."""
        return self.database.read(lambda cursor: cursor.execute(question).fetchall())


def until(condition: Callable[[], bool]) -> None:
    """Waits until it holds; the writer maintains between commits."""
    give_up = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < give_up
        time.sleep(0.01)


def _nothing() -> None:
    """Nobody waits for the admission of a test."""


def killed(
    store: Store, *, lose_log: bool, hurt: Callable[[Path], None] = lambda log: None
) -> Store:
    """A store on a copy of the files as a kill leaves them; optionally without DuckDB's log."""
    store.settle()
    copy = store.directory.with_name(store.directory.name + "+")
    shutil.copytree(store.directory, copy)
    store.__exit__()
    log = copy / "store.duckdb.wal"
    hurt(log)
    if lose_log:
        log.unlink(missing_ok=True)
    return Store(copy).__enter__()
