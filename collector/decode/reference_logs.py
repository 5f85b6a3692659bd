"""Log records one by one: what ``collector.decode.logs`` must equal."""

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord

from collector.decode import semconv
from collector.decode.embedded import LEFT_OUT, read_embedded
from collector.decode.key_names import names_of
from collector.decode.limits import Limits
from collector.decode.log_bodies import LARGEST_BYTES, Members, read_members
from collector.decode.log_context import context_of, request_of_line
from collector.decode.log_keys import BodyIds, read_body
from collector.decode.logs import BAD_IDS, SEVERITIES
from collector.decode.record_keys import settled
from collector.decode.reference_rows import (
    Around,
    Named,
    RejectedRecordError,
    Row,
    Rows,
    enumerated,
    in_range,
    number,
    time_or_none,
    usable_id,
)
from collector.decode.values import text_and_letter


def read_logs(request: ExportLogsServiceRequest, rows: Rows, limits: Limits) -> None:
    for outer in request.resource_logs:
        for inner in outer.scope_logs:
            around = Around(outer, inner)
            for record in inner.log_records:
                try:
                    _read_record(record, around, rows, limits)
                except RejectedRecordError as error:
                    rows.reject(error)


def _read_record(record: LogRecord, around: Around, rows: Rows, limits: Limits) -> None:
    if record.time_unix_nano and not in_range(record.time_unix_nano):
        raise RejectedRecordError("invalid_time")
    named = Named(record.attributes, limits)
    observed_ns = time_or_none(record.observed_time_unix_nano)
    sent_ns = record.time_unix_nano or observed_ns or 0
    body = text_and_letter(record.body) if record.HasField("body") else (None, None)
    trace_id, span_id = usable_id(record.trace_id, 16), usable_id(record.span_id, 8)
    names = names_of(limits.correlation_attributes)
    members = _members(body[0] or "")
    inside = read_body(members, names, of_trace=trace_id is not None)
    trace, span = named.text(semconv.LOG_TRACE), named.text(semconv.LOG_SPAN)
    if trace_id is None:
        trace, span = (trace, span) if trace else (inside.trace, inside.span)
        if context := context_of(trace, span):
            trace_id, span_id = context[0], context[1] or span_id
    row = {
        "time_ns": sent_ns or rows.export.received_ns,
        "observed_ns": observed_ns,
        "severity": enumerated(record.severity_number, SEVERITIES),
        "severity_text": record.severity_text,
        "body": body[0],
        "body_type": body[1],
        "event_name": record.event_name,
        "trace_id": trace_id,
        "span_id": number(span_id),
        "flags": record.flags,
        "function": named.function(around.function),
        **_identity(named, around, body[0] or "", inside, trace_id, limits),
        **around.ids,
        **named.columns(record.dropped_attributes_count),
    }
    of = {"function": row["function"], **around.ids}
    found = read_embedded(members, row["time_ns"], row["function"])
    rows.keep(around, sent_ns, log_records=[row], metric_points=[of | each for each in found.rows])
    rows.warn(BAD_IDS, len(record.trace_id) not in {0, 16} or len(record.span_id) not in {0, 8})
    rows.warn(LEFT_OUT, found.left_out)


def _identity(
    named: Named,
    around: Around,
    body: str,
    inside: BodyIds,
    trace_id: bytes | None,
    limits: Limits,
) -> Row:
    """Invocation and correlation id, by attribute, else by a member of a JSON body; and keys."""
    said = named.correlation_id(semconv.LOG_CORRELATION, limits)
    correlation_id = said or inside.correlation_id
    keys = settled(
        [*named.keys(), *inside.keys, *around.keys],
        correlation_id=correlation_id,
        family=named.family() if said else inside.family,
        trace_id=trace_id.hex() if trace_id else None,
    )
    return {
        "invocation_id": (
            inside.own_invocation_id
            or request_of_line(body)
            or named.id(semconv.LOG_INVOCATION)
            or inside.invocation_id
        ),
        "correlation_id": correlation_id,
        "keys": keys,
    }


def _members(body: str) -> Members:
    if not body.startswith("{") or len(body.encode()) > LARGEST_BYTES:
        return {}
    return read_members(body) or {}
