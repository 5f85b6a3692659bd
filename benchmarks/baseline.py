"""What the building blocks reach alone, in the same run: the figures ingest is compared with."""

import time
from pathlib import Path

import duckdb
import pyarrow as pa
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from benchmarks.shape import SpanExports
from collector.batch import Export, Signal
from collector.decode.group import decode_group
from collector.decode.limits import Limits

_LIMITS = Limits(max_attributes=1000, correlation_attributes=())


def _exports(spans: int, count: int) -> list[Export]:
    shape = SpanExports(spans, seed=3)
    now = time.time_ns()
    return [Export(seq, Signal.TRACES, shape.make()[0], now) for seq in range(count)]


def decode_spans_per_s(spans: int, group: int, count: int) -> float:
    """Our decode, one thread: spans a second through ``decode_group``, ``group`` exports a call."""
    exports = _exports(spans, count)
    decode_group(Signal.TRACES, exports[:group], _LIMITS)
    began = time.perf_counter()
    for index in range(0, count, group):
        decode_group(Signal.TRACES, exports[index : index + group], _LIMITS)
    return spans * count / (time.perf_counter() - began)


def reference_spans_per_s(count: int = 40) -> float:
    """opentelemetry-proto and a Python loop that reads each span and its attributes."""
    bodies = [export.body for export in _exports(512, count)]
    began = time.perf_counter()
    rows = []
    for body in bodies:
        for resource_spans in ExportTraceServiceRequest.FromString(body).resource_spans:
            for scope_spans in resource_spans.scope_spans:
                for span in scope_spans.spans:
                    attributes = {
                        item.key: getattr(item.value, item.value.WhichOneof("value") or "", None)
                        for item in span.attributes
                    }
                    rows.append(
                        (
                            span.trace_id,
                            span.span_id,
                            span.parent_span_id,
                            span.name,
                            span.kind,
                            span.start_time_unix_nano,
                            span.end_time_unix_nano,
                            attributes,
                        )
                    )
    return len(rows) / (time.perf_counter() - began)


def insert_spans_per_s(folder: Path, seconds: float, checkpoint_bytes: int) -> float:
    """Ready-made columns of the same spans into the same table, with nothing else going on."""
    exports = _exports(512, 160)
    tables = [
        decode_group(Signal.TRACES, exports[index : index + 8], _LIMITS).tables["spans"]
        for index in range(0, len(exports), 8)
    ]
    ready = [pa.concat_tables(tables[index : index + 4]) for index in range(0, len(tables), 4)]
    folder.mkdir(parents=True, exist_ok=True)
    db = folder / "columns.duckdb"
    db.unlink(missing_ok=True)
    inserted = 0
    with duckdb.connect(
        str(db), config={"checkpoint_threshold": f"{checkpoint_bytes}B", "threads": 2}
    ) as connection:
        connection.register("ready", ready[0])
        connection.execute("create table spans as select * from ready limit 0")
        began = time.perf_counter()
        while time.perf_counter() - began < seconds:
            for table in ready:
                connection.register("ready", table)
                connection.execute("insert into spans by name select * from ready")
                inserted += table.num_rows
        elapsed = time.perf_counter() - began
    return inserted / elapsed
