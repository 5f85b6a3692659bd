"""Log records as columns: the fast path of logs."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from collector.batch import Batch, Export, Signal
from collector.columns import LOG_RECORDS, METRIC_POINTS
from collector.decode import semconv
from collector.decode.attributes import Texts, is_valid, read_attributes, read_texts
from collector.decode.embedded import LEFT_OUT, Row, read_embedded
from collector.decode.envelope import Envelope, open_envelope
from collector.decode.identity import (
    FUNCTION_NAMES,
    correlation_column,
    family_column,
    function_column,
    id_column,
)
from collector.decode.key_lists import Found, Held
from collector.decode.key_names import names_of
from collector.decode.keys import Wanted, key_column
from collector.decode.limits import Limits
from collector.decode.log_context import fill
from collector.decode.log_keys import Bodies
from collector.decode.outcomes import Verdict, batch_of, kept
from collector.decode.promote import Promoter
from collector.decode.records import Ids, bitmap, enumeration, in_range, times
from collector.decode.reference_rows import array_of
from collector.decode.resource_keys import tenants
from collector.decode.wire import READERS

SEVERITIES: Final = 25
BAD_IDS: Final = "log records kept without a trace or span id that was of the wrong length"

# What a metric within a line has from its record.
_OF_RECORD: Final = ("time_ns", "function", "resource_id", "scope_id", "export_seq")
_WANTED: Final = frozenset(
    FUNCTION_NAMES
    + semconv.LOG_INVOCATION
    + semconv.LOG_CORRELATION
    + semconv.LOG_TRACE
    + semconv.LOG_SPAN
)


def decode_logs(exports: Sequence[Export], limits: Limits) -> Batch:
    """Raises RefusedError, ValueError or a Rust panic where the fast path cannot vouch."""
    groups = READERS[Signal.LOGS].read([each.body for each in exports])
    envelope = open_envelope(groups, exports, "scope_logs", "log_records")
    verdict = Verdict(envelope.export, len(exports))
    if not len(envelope.records):
        return batch_of(envelope, verdict, np.zeros(0, np.int64), {})
    body = read_texts(envelope.records.field("body"))
    trace_ids = Ids(envelope.records.field("trace_id"), 16)
    bodies = Bodies(body, names_of(limits.correlation_attributes), trace_ids.usable)
    table, sent_ns = _log_table(envelope, limits, verdict, trace_ids, body, bodies)
    points = _embedded_points(table, bodies, verdict)
    logs = {"log_records": kept(table, verdict.kept)}
    return batch_of(
        envelope, verdict, sent_ns, logs | ({"metric_points": points} if points else {})
    )


def _embedded_points(table: pa.Table, bodies: Bodies, verdict: Verdict) -> pa.Table | None:
    """The metrics within the lines that are kept; None where there are none."""
    rows: list[Row] = []
    left_out: list[int] = []
    for index, members in bodies.embedding:
        if not verdict.kept[index]:
            continue
        of = {name: table[name][index].as_py() for name in _OF_RECORD}
        found = read_embedded(members, of.pop("time_ns"), of["function"])
        rows += [of | row for row in found.rows]
        left_out += [index] * found.left_out
    verdict.warn(LEFT_OUT, np.array(left_out, np.int64))
    if not rows:
        return None
    columns = [
        array_of([row[each.name] for row in rows], each.type)
        if each.name in rows[0]
        else pa.nulls(len(rows), each.type)
        for each in METRIC_POINTS
    ]
    return pa.Table.from_arrays(columns, schema=METRIC_POINTS)


def _log_table(
    envelope: Envelope,
    limits: Limits,
    verdict: Verdict,
    trace_ids: Ids,
    body: Texts,
    bodies: Bodies,
) -> tuple[pa.Table, NDArray[np.int64]]:
    """The records, and the time each sender gave (0 for none)."""
    structs = envelope.records
    attributes = read_attributes(structs.field("attributes"))
    span_ids = Ids(structs.field("span_id"), 8)
    time = structs.field("time_unix_nano").to_numpy()
    observed = structs.field("observed_time_unix_nano").to_numpy()
    sent = np.where(time != 0, time, np.where(in_range(observed), observed, 0)).view(np.int64)
    verdict.reject("invalid_time", (time != 0) & ~in_range(time))
    verdict.reject("too_many_attributes", attributes.count > limits.max_attributes)
    verdict.warn(BAD_IDS, np.flatnonzero(trace_ids.wrong_length | span_ids.wrong_length))
    promoter = Promoter(attributes, Wanted(_WANTED, names_of(limits.correlation_attributes)))
    traces, spans = promoter.texts(semconv.LOG_TRACE), promoter.texts(semconv.LOG_SPAN)
    fill(trace_ids, span_ids, *bodies.contexts(traces, spans))
    table = pa.Table.from_pydict(
        {
            "time_ns": pa.array(np.where(sent != 0, sent, envelope.received_ns)),
            "observed_ns": times(observed),
            "severity": enumeration(structs.field("severity_number"), SEVERITIES),
            "severity_text": structs.field("severity_text"),
            **_body_columns(structs.field("body"), body),
            "event_name": structs.field("event_name"),
            "trace_id": trace_ids.traces(),
            "span_id": span_ids.spans(),
            "flags": structs.field("flags"),
            "function": function_column(promoter, envelope.function()),
            **_identity_columns(promoter, bodies, trace_ids, limits, tenants(envelope)),
            "resource_id": envelope.resource_id,
            "scope_id": envelope.scope_id,
            "attributes": attributes.lists,
            "attribute_types": attributes.types,
            "dropped_attributes_count": structs.field("dropped_attributes_count"),
            "export_seq": pa.array(envelope.seq),
        },
        schema=LOG_RECORDS,
    )
    return table, sent


def _body_columns(structs: pa.StructArray, body: Texts) -> dict[str, pa.Array]:
    """Body and its type letter, both null where no body was sent."""
    size = len(structs)
    sent = None if structs.null_count == 0 else bitmap(is_valid(structs))
    _, offsets, data = body.values.buffers()
    one_each = pa.py_buffer(np.arange(size + 1, dtype=np.int32))
    return {
        "body": pa.StringArray.from_buffers(size, offsets, data, sent),
        "body_type": pa.StringArray.from_buffers(size, one_each, pa.py_buffer(body.letters), sent),
    }


def _identity_columns(
    promoter: Promoter,
    bodies: Bodies,
    trace_ids: Ids,
    limits: Limits,
    of_resource: Sequence[Found],
) -> dict[str, pa.Array]:
    """Invocation and correlation id, by attribute, else by a member of a JSON body; and keys."""
    names = names_of(limits.correlation_attributes)
    invocation = id_column(promoter, semconv.LOG_INVOCATION)
    said = correlation_column(promoter, semconv.LOG_CORRELATION, limits)
    correlation = bodies.correlation_ids(said)
    families = bodies.families(family_column(promoter, names, said), said)
    held = Held(None, correlation, families, trace_ids)
    in_bodies = bodies.keys()
    return {
        "invocation_id": bodies.invocation_ids(invocation),
        "correlation_id": correlation,
        "keys": key_column(
            promoter, names, held, [*([in_bodies] if in_bodies else []), *of_resource]
        ),
    }
