-- What stitching derives from the tables of records; it can be derived again at any time.
-- `run` is the last export the run of the stitcher that wrote the row had read. It grows, so the
-- newest rows are found without reading the rest, and rows go when those exports are deleted.

create table fragments (
    fragment_id ubigint,
    trace_id uuid,
    part utinyint,
    event_trace_id ubigint,
    start_ns bigint,
    end_ns bigint,
    function varchar,
    functions varchar[],
    destinations varchar[],
    entry boolean,
    failed boolean,
    tenant varchar,
    shared_id ubigint,
    correlation_ids varchar[],
    span_count integer,
    error_count integer,
    invocation_count integer,
    cold_start_count integer,
    phantom_count integer,
    unfinished boolean,
    shared_by integer,
    first_seq bigint,
    run bigint
);
comment on table fragments is
    'One row per fragment: the spans of one trace that belong to one delivery, or to the trace as a whole; first_seq is the first export that any record of the trace came in.';

create table fragment_keys (
    "key" ubigint,
    fragment_id ubigint,
    kind utinyint,
    role utinyint,
    time_ns bigint,
    end_ns bigint,
    outcome utinyint,
    place varchar,
    function varchar,
    family varchar,
    attempt smallint,
    dead_letter boolean,
    run bigint
);
comment on table fragment_keys is
    'One row per key a fragment holds; the key is the hash of its text. Its run is that of the fragment. Kind 0 ties nothing: it finds the fragments of log records that name no trace.';

create table event_traces (
    event_trace_id ubigint,
    created_seq bigint,
    start_ns bigint,
    end_ns bigint,
    status varchar,
    root_function varchar,
    functions varchar[],
    path varchar[],
    shape_id ubigint,
    trace_ids uuid[],
    correlation_ids varchar[],
    invocation_count integer,
    hop_count integer,
    retry_count integer,
    duplicate_count integer,
    cold_start_count integer,
    queue_wait_ns bigint,
    phantom_count integer,
    span_count integer,
    error_count integer,
    confidence double,
    joint_kinds utinyint[],
    first_run bigint,
    run bigint
);
comment on table event_traces is
    'One row per event trace: one business event, from what started it to its last effect; first_run is the smallest run of its fragments.';

create table ignored_keys (
    "key" ubigint,
    kind utinyint,
    value varchar,
    reason varchar,
    fragment_count integer,
    first_ns bigint,
    last_ns bigint,
    run bigint
);
comment on table ignored_keys is
    'One row per key that joins nothing, with the reason: hub, worthless, constant, tenants, ...';

create table id_runs (
    head uinteger,
    run bigint
);
comment on table id_runs is
    'One row per key, fragment id and event trace id of a run: its upper half says where an id may be. Sorted by it in sections of about a million, so that few row groups are read for an id.';

create table id_exports (
    head uinteger,
    export_seq bigint
);
comment on table id_exports is
    'One row per span: the upper half of its id, and its export; sorted as id_runs.';

create table stitching_progress (
    stitched_seq bigint,
    swept_seq bigint,
    indexed_seq bigint,
    hash_fingerprint ubigint
);
comment on table stitching_progress is
    'One row: the last export whose records are stitched; the last run whose keys were sought in all that is stored; the last one whose ids are in id_runs and id_exports; the hash function the keys are made with.';
insert into stitching_progress values (0, 0, 0, null);
