"""The Arrow schema of every stored table: what decode fills and the store inserts, by name.

The order of columns here is the order in the tables. Conventions: ids are ``trace_id`` as a
UUID (its 16 bytes as on the wire) and ``span_id`` as the big-endian unsigned 64-bit number;
times are int64 nanoseconds since the epoch, UTC; null is *unknown or not sent*.

Attributes are kept in two columns. ``attributes`` holds key and value as text; each letter of
``attribute_types`` is the type of the attribute at the same place:

    s string   b bool ("true"/"false")   i int64   d double   a array (JSON)   k kvlist (JSON)
    y bytes (base64)   e empty value ("")

A letter costs one byte and a column of short strings; a third struct child per attribute was
measured at 1.3 µs a span, a MAP at 3 µs.
"""

from typing import Final

import pyarrow as pa

TRACE_ID: Final = pa.uuid()
# Correlation keys that the promoted columns do not say, null for none: at most 32 texts of a letter
# and a value (collector/model/stitching/keys.py), in the order the record says them, none twice.
# Ids in them and in invocation_id, correlation_id and message_id are in one form, that of
# collector/model/id_text.py: X-Ray trace ids as 32 hex digits, UUIDs and long hex in lower case.
KEYS: Final = pa.list_(pa.string())
ATTRIBUTES: Final = pa.list_(pa.struct([("key", pa.string()), ("value", pa.string())]))

_ATTRIBUTE_FIELDS: Final = [
    ("attributes", ATTRIBUTES),
    ("attribute_types", pa.string()),
    ("dropped_attributes_count", pa.uint32()),
]

# One row per distinct resource (content-addressed: the same bytes give the same id).
RESOURCES: Final = pa.schema(
    [
        ("resource_id", pa.uint64()),
        ("service", pa.string()),
        ("function", pa.string()),
        ("version", pa.string()),
        ("instance", pa.string()),
        ("provider", pa.string()),
        ("platform", pa.string()),
        ("region", pa.string()),
        ("account_id", pa.string()),
        ("memory_bytes", pa.int64()),
        ("schema_url", pa.string()),
        ("entity_refs", pa.string()),  # JSON text, null when none
        *_ATTRIBUTE_FIELDS,
    ]
)

# One row per distinct instrumentation scope, content-addressed like resources.
SCOPES: Final = pa.schema(
    [
        ("scope_id", pa.uint64()),
        ("name", pa.string()),
        ("version", pa.string()),
        ("schema_url", pa.string()),
        *_ATTRIBUTE_FIELDS,
    ]
)

SPANS: Final = pa.schema(
    [
        ("start_ns", pa.int64()),
        ("duration_ns", pa.int64()),  # null: the span has no end; negative: its clock went back
        ("trace_id", TRACE_ID),
        ("span_id", pa.uint64()),
        ("parent_span_id", pa.uint64()),
        ("name", pa.string()),
        ("kind", pa.int8()),  # 0 unspecified 1 internal 2 server 3 client 4 producer 5 consumer
        ("status_code", pa.int8()),  # 0 unset 1 ok 2 error
        ("status_message", pa.string()),
        ("trace_state", pa.string()),
        ("flags", pa.uint32()),
        ("function", pa.string()),
        ("invocation_id", pa.string()),
        ("cold_start", pa.bool_()),
        ("trigger", pa.string()),
        ("correlation_id", pa.string()),
        ("destination", pa.string()),
        ("message_id", pa.string()),
        ("error_type", pa.string()),
        ("resource_id", pa.uint64()),
        ("scope_id", pa.uint64()),
        *_ATTRIBUTE_FIELDS,
        ("dropped_events_count", pa.uint32()),
        ("dropped_links_count", pa.uint32()),
        ("export_seq", pa.int64()),
        ("keys", KEYS),
    ]
)

# start_ns of events and links is that of their span, so that one time range prunes all three.
SPAN_EVENTS: Final = pa.schema(
    [
        ("start_ns", pa.int64()),
        ("trace_id", TRACE_ID),
        ("span_id", pa.uint64()),
        ("time_ns", pa.int64()),
        ("name", pa.string()),
        *_ATTRIBUTE_FIELDS,
        ("export_seq", pa.int64()),
        ("keys", KEYS),
    ]
)

SPAN_LINKS: Final = pa.schema(
    [
        ("start_ns", pa.int64()),
        ("trace_id", TRACE_ID),
        ("span_id", pa.uint64()),
        ("linked_trace_id", TRACE_ID),
        ("linked_span_id", pa.uint64()),
        ("trace_state", pa.string()),
        ("flags", pa.uint32()),
        ("message_id", pa.string()),
        *_ATTRIBUTE_FIELDS,
        ("export_seq", pa.int64()),
        ("keys", KEYS),
    ]
)

LOG_RECORDS: Final = pa.schema(
    [
        ("time_ns", pa.int64()),  # when it happened; when observed, if the sender gave no time
        ("observed_ns", pa.int64()),
        ("severity", pa.int8()),  # OTLP severity number, 0 unspecified
        ("severity_text", pa.string()),
        ("body", pa.string()),
        ("body_type", pa.string()),  # one letter as in attribute_types
        ("event_name", pa.string()),
        ("trace_id", TRACE_ID),
        ("span_id", pa.uint64()),
        ("flags", pa.uint32()),
        ("function", pa.string()),
        ("invocation_id", pa.string()),
        ("correlation_id", pa.string()),
        ("resource_id", pa.uint64()),
        ("scope_id", pa.uint64()),
        *_ATTRIBUTE_FIELDS,
        ("export_seq", pa.int64()),
        ("keys", KEYS),
    ]
)

EXEMPLARS: Final = pa.list_(
    pa.struct(
        [
            ("time_ns", pa.int64()),
            ("value_double", pa.float64()),
            ("value_int", pa.int64()),
            ("trace_id", TRACE_ID),
            ("span_id", pa.uint64()),
            ("attributes", ATTRIBUTES),
            ("attribute_types", pa.string()),
        ]
    )
)

# One row per data point of any type; columns of other types are null.
METRIC_POINTS: Final = pa.schema(
    [
        ("time_ns", pa.int64()),
        ("start_ns", pa.int64()),  # null: not sent
        ("name", pa.string()),
        ("description", pa.string()),
        ("unit", pa.string()),
        ("type", pa.string()),  # gauge sum histogram exponential_histogram summary
        ("temporality", pa.int8()),  # 0 unspecified 1 delta 2 cumulative; null where it has none
        ("monotonic", pa.bool_()),
        ("metadata", ATTRIBUTES),
        ("metadata_types", pa.string()),
        ("value_double", pa.float64()),
        ("value_int", pa.int64()),
        ("count", pa.uint64()),
        ("sum", pa.float64()),
        ("min", pa.float64()),
        ("max", pa.float64()),
        ("bucket_counts", pa.list_(pa.uint64())),
        ("explicit_bounds", pa.list_(pa.float64())),
        ("scale", pa.int32()),
        ("zero_count", pa.uint64()),
        ("zero_threshold", pa.float64()),
        ("positive_offset", pa.int32()),
        ("positive_counts", pa.list_(pa.uint64())),
        ("negative_offset", pa.int32()),
        ("negative_counts", pa.list_(pa.uint64())),
        ("quantiles", pa.list_(pa.float64())),
        ("quantile_values", pa.list_(pa.float64())),
        ("exemplars", EXEMPLARS),
        ("flags", pa.uint32()),
        ("function", pa.string()),
        ("resource_id", pa.uint64()),
        ("scope_id", pa.uint64()),
        ("attributes", ATTRIBUTES),
        ("attribute_types", pa.string()),
        ("export_seq", pa.int64()),
    ]
)

# One row per export that was taken. content_ns is the time of its first record: the same bytes
# always give the same content_ns, so a look-up of a repeated export reads one narrow time range.
EXPORTS: Final = pa.schema(
    [
        ("export_seq", pa.int64()),
        ("content_ns", pa.int64()),
        ("digest", pa.uuid()),
        ("signal", pa.string()),  # traces metrics logs
        ("received_ns", pa.int64()),
        ("records", pa.int64()),
        ("rejected", pa.int64()),
        ("bytes", pa.int64()),
    ]
)

TABLES: Final[dict[str, pa.Schema]] = {
    "resources": RESOURCES,
    "scopes": SCOPES,
    "spans": SPANS,
    "span_events": SPAN_EVENTS,
    "span_links": SPAN_LINKS,
    "log_records": LOG_RECORDS,
    "metric_points": METRIC_POINTS,
    "exports": EXPORTS,
}
