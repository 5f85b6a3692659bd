"""Reads the records of what a run makes anew, in columns, and the keys of what they name."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from duckdb import DuckDBPyConnection as Cursor
from numpy.typing import NDArray

from collector.model.stitching.keys import REQUEST_FAMILY
from collector.store.stitching import STITCHING

TEXTS: Final = pa.schema([("number", pa.int64()), ("text", pa.string())])
LETTERED: Final = pa.schema(
    [
        ("trace", pa.int64()),
        ("letter", pa.string()),
        ("value", pa.string()),
        ("time_ns", pa.int64()),
        ("until_ns", pa.int64()),
        ("function", pa.string()),
        ("usual", pa.bool_()),
    ]
)


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
    return Records(
        traces=STITCHING.table(cursor, "read_traces"),
        spans=spans,
        logs=logs,
        links=STITCHING.table(cursor, "read_links", **within),
        event_keys=STITCHING.table(cursor, "read_event_keys", **within),
        lettered=_lettered(cursor, spans, logs),
    )


def text_keys(cursor: Cursor, texts: pa.Array) -> NDArray[np.uint64]:
    """The keys of texts, in their order."""
    given = pa.table([np.arange(len(texts)), texts], schema=TEXTS)
    cursor.register("given_texts", given)
    try:
        found = STITCHING.table(cursor, "text_keys")
    finally:
        cursor.unregister("given_texts")
    keys = np.zeros(len(texts), np.uint64)
    keys[found["number"].to_numpy()] = found["key"].to_numpy()
    return keys


def read_loose_logs(cursor: Cursor, since_seq: int, up_to_seq: int) -> list[tuple[Any, ...]]:
    """The records of the dirty invocations that name no trace.

    Each with the key of its home first, then time_ns, span_id, function, invocation_id,
    correlation_id, keys, export_seq, and what of_platform and failing of
    :class:`~collector.model.stitching.facts.LogFacts` are.
    """
    return STITCHING.rows(cursor, "loose_logs", since_seq=since_seq, up_to_seq=up_to_seq)


def _lettered(cursor: Cursor, *records: pa.Table) -> pa.Table:
    """What spans and logs say in their ``keys``, which most leave empty."""
    given = [each.filter(pc.is_valid(each["keys"])) for each in records]
    if not any(each.num_rows for each in given):
        return LETTERED.empty_table()
    names = ("given_spans", "given_logs")
    for name, table in zip(names, given, strict=True):
        cursor.register(name, table)
    try:
        found = STITCHING.table(cursor, "read_lettered", request_family=REQUEST_FAMILY)
        return found.cast(LETTERED)
    finally:
        for name in names:
            cursor.unregister(name)
