"""Rows of the tables that stitching derives, put there by hand, for the tests of the questions."""

import uuid
from typing import Any, Final

from duckdb import DuckDBPyConnection as Cursor

from collector.store.database import Database

T0_NS: Final = 1_795_186_800_000_000_000
S: Final = 1_000_000_000

_FRAGMENT: Final[dict[str, Any]] = {
    "part": 0,
    "function": "orders-api",
    "functions": ["orders-api"],
    "destinations": [],
    "entry": True,
    "failed": False,
    "correlation_ids": [],
    "span_count": 3,
    "error_count": 0,
    "invocation_count": 1,
    "cold_start_count": 0,
    "phantom_count": 0,
    "unfinished": False,
    "run": 1,
}
_EVENT: Final[dict[str, Any]] = {
    "created_seq": 1,
    "status": "ok",
    "root_function": "orders-api",
    "functions": ["orders-api"],
    "path": ["orders-api"],
    "shape_id": 7,
    "correlation_ids": [],
    "invocation_count": 1,
    "hop_count": 0,
    "retry_count": 0,
    "duplicate_count": 0,
    "cold_start_count": 0,
    "queue_wait_ns": None,
    "phantom_count": 0,
    "span_count": 3,
    "error_count": 0,
    "confidence": 1.0,
    "joint_kinds": [],
    "run": 1,
}


def trace_id(number: int) -> uuid.UUID:
    """The trace id of a number."""
    return uuid.UUID(int=0x6B006070 << 96 | number)


def event(
    database: Database, number: int, *, at_s: float = 0, takes_s: float = 1, **more: Any
) -> str:
    """An event trace of one trace and its fragment, both of this number; gives its id."""
    start_ns, end_ns = T0_NS + round(at_s * S), T0_NS + round((at_s + takes_s) * S)
    times = {"start_ns": start_ns, "end_ns": end_ns}
    trace_ids = more.pop("trace_ids", [trace_id(number)])
    row = _EVENT | times | {"event_trace_id": number, "trace_ids": trace_ids} | more
    insert(database, "event_traces", row)
    for place, each in enumerate(trace_ids):
        held = {"fragment_id": number + 1000 * place, "trace_id": each, "event_trace_id": number}
        functions = {"functions": row["functions"], "function": row["root_function"]}
        insert(database, "fragments", _FRAGMENT | times | functions | held)
    return f"{number:016x}"


def fragment(database: Database, number: int, **more: Any) -> None:
    """A fragment; by default the whole trace of its number."""
    times = {"start_ns": T0_NS, "end_ns": T0_NS + S}
    insert(
        database,
        "fragments",
        _FRAGMENT | times | {"fragment_id": number, "trace_id": trace_id(number)} | more,
    )


def key(database: Database, text: str, fragment_id: int, kind: int, **more: Any) -> None:
    """A key that a fragment holds; ``role`` 0 mentions it, 1 sent it, 2 received it, 3 owns it."""
    row = {"role": 0, "time_ns": T0_NS, "outcome": 0, "family": "", "dead_letter": False, "run": 1}

    def hashed(cursor: Cursor) -> int:
        number: int = cursor.execute("select hash($1::varchar)", [text]).fetchall()[0][0]
        return number

    held = {"key": database.read(hashed), "fragment_id": fragment_id, "kind": kind}
    insert(database, "fragment_keys", row | held | more)


def insert(database: Database, table: str, row: dict[str, Any]) -> None:
    """One row; columns it does not name are null."""
    columns = ", ".join(f'"{name}"' for name in row)
    marks = ", ".join("?" for _ in row)
    database.write(
        lambda cursor: cursor.execute(
            f"insert into {table} ({columns}) values ({marks})",
            list(row.values()),
        )
    )


def span(
    database: Database,
    trace: uuid.UUID,
    name: str,
    *,
    at_s: float = 0,
    span_id: int = 1,
    **attributes: str,
) -> None:
    """A span with attributes of text."""
    database.write(
        lambda cursor: cursor.execute(
            "insert into spans (start_ns, duration_ns, trace_id, span_id, name, attributes,"
            " export_seq) select $1, 1000, $2::uuid, $6, $3, list_transform(list_zip("
            "$4::varchar[], $5::varchar[]), lambda each: {'key': each[1], 'value': each[2]}), 1",
            [
                T0_NS + round(at_s * S),
                trace,
                name,
                list(attributes),
                list(attributes.values()),
                span_id,
            ],
        )
    )
