-- The tables of collector/columns.py, column by column (a contract test compares them).
-- No keys and no indexes: a primary key costs 94 bytes a span, and replay of indexes and DDL after
-- a crash is where DuckDB files have broken in the field.

create table resources (
    resource_id ubigint,
    service varchar,
    function varchar,
    version varchar,
    instance varchar,
    provider varchar,
    platform varchar,
    region varchar,
    account_id varchar,
    memory_bytes bigint,
    schema_url varchar,
    entity_refs varchar,
    attributes struct("key" varchar, "value" varchar)[],
    attribute_types varchar,
    dropped_attributes_count uinteger
);
comment on table resources is
    'One row per distinct resource (what sent the telemetry), found again by the hash of its bytes.';

create table scopes (
    scope_id ubigint,
    name varchar,
    version varchar,
    schema_url varchar,
    attributes struct("key" varchar, "value" varchar)[],
    attribute_types varchar,
    dropped_attributes_count uinteger
);
comment on table scopes is
    'One row per distinct instrumentation scope, found again by the hash of its bytes.';

create table spans (
    start_ns bigint,
    duration_ns bigint,
    trace_id uuid,
    span_id ubigint,
    parent_span_id ubigint,
    name varchar,
    kind tinyint,
    status_code tinyint,
    status_message varchar,
    trace_state varchar,
    flags uinteger,
    function varchar,
    invocation_id varchar,
    cold_start boolean,
    trigger varchar,
    correlation_id varchar,
    destination varchar,
    message_id varchar,
    error_type varchar,
    resource_id ubigint,
    scope_id ubigint,
    attributes struct("key" varchar, "value" varchar)[],
    attribute_types varchar,
    dropped_attributes_count uinteger,
    dropped_events_count uinteger,
    dropped_links_count uinteger,
    export_seq bigint
);
comment on table spans is
    'One row per span as sent, nearly in order of arrival; ids as on the wire, times in ns since the epoch.';

create table span_events (
    start_ns bigint,
    trace_id uuid,
    span_id ubigint,
    time_ns bigint,
    name varchar,
    attributes struct("key" varchar, "value" varchar)[],
    attribute_types varchar,
    dropped_attributes_count uinteger,
    export_seq bigint
);
comment on table span_events is
    'One row per event of a span; start_ns is the start of its span.';

create table span_links (
    start_ns bigint,
    trace_id uuid,
    span_id ubigint,
    linked_trace_id uuid,
    linked_span_id ubigint,
    trace_state varchar,
    flags uinteger,
    message_id varchar,
    attributes struct("key" varchar, "value" varchar)[],
    attribute_types varchar,
    dropped_attributes_count uinteger,
    export_seq bigint
);
comment on table span_links is
    'One row per link from a span to another; start_ns is the start of its span.';

create table log_records (
    time_ns bigint,
    observed_ns bigint,
    severity tinyint,
    severity_text varchar,
    body varchar,
    body_type varchar,
    event_name varchar,
    trace_id uuid,
    span_id ubigint,
    flags uinteger,
    function varchar,
    invocation_id varchar,
    correlation_id varchar,
    resource_id ubigint,
    scope_id ubigint,
    attributes struct("key" varchar, "value" varchar)[],
    attribute_types varchar,
    dropped_attributes_count uinteger,
    export_seq bigint
);
comment on table log_records is
    'One row per log record; time_ns is when it happened, or was observed if the sender gave no time.';

create table metric_points (
    time_ns bigint,
    start_ns bigint,
    name varchar,
    description varchar,
    unit varchar,
    type varchar,
    temporality tinyint,
    monotonic boolean,
    metadata struct("key" varchar, "value" varchar)[],
    metadata_types varchar,
    value_double double,
    value_int bigint,
    count ubigint,
    sum double,
    min double,
    max double,
    bucket_counts ubigint[],
    explicit_bounds double[],
    scale integer,
    zero_count ubigint,
    zero_threshold double,
    positive_offset integer,
    positive_counts ubigint[],
    negative_offset integer,
    negative_counts ubigint[],
    quantiles double[],
    quantile_values double[],
    exemplars struct(time_ns bigint, value_double double, value_int bigint, trace_id uuid, span_id ubigint, attributes struct("key" varchar, "value" varchar)[], attribute_types varchar)[],
    flags uinteger,
    function varchar,
    resource_id ubigint,
    scope_id ubigint,
    attributes struct("key" varchar, "value" varchar)[],
    attribute_types varchar,
    export_seq bigint
);
comment on table metric_points is
    'One row per data point of any metric type; columns of the other types are null.';

create table exports (
    export_seq bigint,
    content_ns bigint,
    digest uuid,
    signal varchar,
    received_ns bigint,
    records bigint,
    rejected bigint,
    bytes bigint
);
comment on table exports is
    'One row per export taken; (content_ns, digest) tells whether the same export was taken before.';

create table schema_version (
    version integer,
    applied_at timestamptz default now()
);
comment on table schema_version is
    'One row per migration this file has had; the highest version says which build can open it.';

create table progress (
    applied_seq bigint,
    deleted_seq bigint
);
comment on table progress is
    'One row: the number of the last export whose rows are in the tables; what the journal holds beyond it is applied at the next start; and of the last whose rows were deleted for age or size.';
insert into progress values (0, 0);
