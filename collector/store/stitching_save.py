"""Writes what a run decided: rows that changed are deleted and inserted anew, at the end."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import pyarrow as pa
from duckdb import DuckDBPyConnection as Cursor

from collector.store.stitching import STITCHING
from collector.store.stitching_load import Loaded

_ID: Final = pa.uint64()
PLACED: Final = pa.schema([("fragment_id", _ID), ("event_trace_id", _ID)])
IDS: Final = pa.schema([("fragment_id", _ID)])
EVENT_IDS: Final = pa.schema([("event_trace_id", _ID)])
KEYS: Final = pa.schema([("key", _ID)])
FORMER: Final = pa.schema([("id", _ID), ("leads_to", _ID)])
IGNORED: Final = pa.schema(
    [
        ("key", _ID),
        ("kind", pa.uint8()),
        ("value", pa.string()),
        ("reason", pa.string()),
        ("fragment_count", pa.int32()),
        ("first_ns", pa.int64()),
        ("last_ns", pa.int64()),
        ("run", pa.int64()),
    ]
)
EVENTS: Final = pa.schema(
    [
        ("event_trace_id", _ID),
        ("created_seq", pa.int64()),
        ("start_ns", pa.int64()),
        ("end_ns", pa.int64()),
        ("status", pa.string()),
        ("root_function", pa.string()),
        ("functions", pa.list_(pa.string())),
        ("path", pa.list_(pa.string())),
        ("shape_id", _ID),
        ("trace_ids", pa.list_(pa.string())),
        ("correlation_ids", pa.list_(pa.string())),
        ("invocation_count", pa.int32()),
        ("hop_count", pa.int32()),
        ("retry_count", pa.int32()),
        ("duplicate_count", pa.int32()),
        ("cold_start_count", pa.int32()),
        ("queue_wait_ns", pa.int64()),
        ("phantom_count", pa.int32()),
        ("span_count", pa.int32()),
        ("error_count", pa.int32()),
        ("confidence", pa.float64()),
        ("joint_kinds", pa.list_(pa.uint8())),
        ("platform_only", pa.bool_()),
        ("first_run", pa.int64()),
        ("run", pa.int64()),
    ]
)


@dataclass(slots=True)
class Changes:
    """What a run changes; tables and tuples have the columns of the schemas above.

    ``placed``: fragments written anew, with their event trace; ``gone``: those deleted, of which
    some are written anew. ``former``: ids that are no more, and fragments that lead on from them.
    """

    run: int
    gone: Sequence[int] = ()
    placed: pa.Table = field(default_factory=PLACED.empty_table)
    gone_events: Sequence[int] = ()
    events: pa.Table = field(default_factory=EVENTS.empty_table)
    former: Sequence[tuple[int, int]] = ()
    forgotten: Sequence[int] = ()
    ignored: Sequence[tuple[Any, ...]] = field(default_factory=list)


def save(cursor: Cursor, changes: Changes, loaded: Loaded) -> int:
    """Makes the changes; the caller marks the progress in the same transaction.

    Gives the number of keys written.
    """
    from_seq, run = {"from_seq": loaded.from_seq}, {"run": changes.run}
    tables = {name: table for name, table in incoming(changes, loaded).items() if table.num_rows}
    written = 0
    for name, table in tables.items():
        cursor.register(name, table)
    try:
        if "gone" in tables:
            STITCHING.run(cursor, "delete_fragments", **from_seq)
            STITCHING.run(cursor, "delete_keys", **from_seq)
        if "placed" in tables:
            STITCHING.run(cursor, "insert_fragments", **run)
        if "placed" in tables and "keys_now" in tables:
            written = STITCHING.rows(cursor, "insert_keys", **run)[0][0]
        if "gone_events" in tables:
            STITCHING.run(cursor, "delete_events", **from_seq)
        if "event_rows" in tables:
            STITCHING.run(cursor, "insert_events")
        if "former_rows" in tables:
            STITCHING.run(cursor, "insert_former", **run)
        if "forgotten" in tables:
            STITCHING.run(cursor, "delete_ignored")
        if "ignored_rows" in tables:
            STITCHING.run(cursor, "insert_ignored")
    finally:
        for name in tables:
            cursor.unregister(name)
    return int(written)


def incoming(changes: Changes, loaded: Loaded) -> dict[str, pa.Table]:
    """What the statements read, by the names they give it."""
    return {
        "gone": table_of(IDS, [(each,) for each in changes.gone]),
        "placed": changes.placed,
        "gone_events": table_of(EVENT_IDS, [(each,) for each in changes.gone_events]),
        "event_rows": changes.events,
        "former_rows": table_of(FORMER, changes.former),
        "forgotten": table_of(KEYS, [(each,) for each in changes.forgotten]),
        "ignored_rows": table_of(IGNORED, changes.ignored),
        "fragments_now": loaded.fragments,
        "keys_now": loaded.keys,
    }


def table_of(schema: pa.Schema, rows: Sequence[tuple[Any, ...]]) -> pa.Table:
    """Rows as a table."""
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(schema)
    return pa.table(
        [pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)],
        schema=schema,
    )
