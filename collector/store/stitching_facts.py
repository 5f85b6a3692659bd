"""Reads the records of what a run makes anew, in columns, and what is to know of their ids."""

from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
from duckdb import DuckDBPyConnection as Cursor

from collector.model.stitching.keys import WORTHLESS
from collector.store.stitching import STITCHING

VALUES: Final = pa.schema([("number", pa.int64()), ("value", pa.string()), ("whole", pa.bool_())])
"""What :func:`value_keys` is asked of: numbered from 0; ``whole``: it is the text of a key."""


@dataclass(frozen=True, slots=True)
class Records:
    """The records of some traces, each with the number of its ``trace``.

    ``traces``: trace, its trace_id as text, fragment_id of the fragment it is as a whole, and the
    key of the trace. ``lettered``: the texts of the ``keys`` columns of spans and logs, one a row.
    """

    traces: pa.Table
    spans: pa.Table
    logs: pa.Table
    links: pa.Table
    event_keys: pa.Table
    lettered: pa.Table


def read_records(cursor: Cursor, since_seq: int, up_to_seq: int) -> Records:
    """The records of the dirty traces that lie between two exports."""
    STITCHING.run(cursor, "make_read_traces")
    within: dict[str, Any] = {"since_seq": since_seq, "up_to_seq": up_to_seq}
    spans, logs = (STITCHING.table(cursor, f"read_{each}", **within) for each in ("spans", "logs"))
    with_keys = {"given_spans": _with_keys(spans), "given_logs": _with_keys(logs)}
    for name, table in with_keys.items():
        cursor.register(name, table)
    try:
        lettered = STITCHING.table(cursor, "read_lettered")
    finally:
        for name in with_keys:
            cursor.unregister(name)
    return Records(
        traces=STITCHING.table(cursor, "read_traces"),
        spans=spans,
        logs=logs,
        links=STITCHING.table(cursor, "read_links", **within),
        event_keys=STITCHING.table(cursor, "read_event_keys", **within),
        lettered=lettered,
    )


def value_keys(cursor: Cursor, values: pa.Table) -> pa.Table:
    """What is to know of values, in their order, as rows of sql/stitching/value_keys.sql.

    ``values``: see :data:`VALUES`.
    """
    cursor.register("given_values", values)
    try:
        found = STITCHING.table(cursor, "value_keys", worthless=sorted(WORTHLESS))
    finally:
        cursor.unregister("given_values")
    return found.take(pc.sort_indices(found["number"]))


def read_loose_logs(cursor: Cursor, since_seq: int, up_to_seq: int) -> list[tuple[Any, ...]]:
    """The records of the dirty invocations that name no trace.

    Each with the key of its home first, then time_ns, span_id, function, invocation_id,
    correlation_id, keys, export_seq.
    """
    return STITCHING.rows(cursor, "loose_logs", since_seq=since_seq, up_to_seq=up_to_seq)


def _with_keys(records: pa.Table) -> pa.Table:
    return records.filter(pc.is_valid(records["keys"]))
