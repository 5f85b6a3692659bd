-- What the health of functions is derived into; it can be derived again at any time from the tables
-- of records. `run` is the last export the run that wrote the row had read, as in stitching's tables.

create table platform_lines (
    "key" uuid,
    other_id varchar,
    kind utinyint,
    function varchar,
    version varchar,
    environment_id ubigint,
    alias_id ubigint,
    time_ns bigint,
    duration_ns bigint,
    billed_ns bigint,
    init_ns bigint,
    restore_ns bigint,
    memory_mb integer,
    used_mb integer,
    status varchar,
    error_type varchar,
    trace_id uuid,
    resource_id ubigint,
    run bigint
);
comment on table platform_lines is
    'One row per line of the platform about one invocation: kind 1 START, 2 END, 3 REPORT, 4 timed out, 5 crashed. The key is the invocation id, or its hash where it is no UUID.';

create table invocation_rows (
    "key" uuid,
    other_id varchar,
    function varchar,
    version varchar,
    environment_id ubigint,
    alias_id ubigint,
    start_ns bigint,
    attempt smallint,
    spare boolean,
    span_rank tinyint,
    span_start_ns bigint,
    span_duration_ns bigint,
    trace_id uuid,
    span_id ubigint,
    span_failed boolean,
    span_error varchar,
    span_cold boolean,
    "trigger" varchar,
    span_outcome varchar,
    cpu_ns bigint,
    span_resource_id ubigint,
    told_duration_ns bigint,
    billed_ns bigint,
    init_ns bigint,
    restore_ns bigint,
    memory_mb integer,
    used_mb integer,
    status varchar,
    platform_error varchar,
    started boolean,
    reported boolean,
    timed_out boolean,
    killed boolean,
    xray_trace_id uuid,
    platform_resource_id ubigint,
    environment varchar,
    duration_ns bigint,
    start_init_ns bigint,
    init_kind varchar,
    init_evidence varchar,
    outcome varchar,
    error_type varchar,
    run bigint
);
comment on table invocation_rows is
    'One row per attempt of one function to handle one trigger, merged from its spans and the platform''s lines; read it through the view invocations. spare: a span that may yet prove to be another attempt''s.';

create table environments (
    environment_id ubigint,
    name varchar,
    first_start_ns bigint,
    first_key uuid,
    init_start_ns bigint,
    init_ns bigint,
    restore_ns bigint,
    init_type varchar,
    init_failed boolean,
    init_told varchar,
    run bigint
);
comment on table environments is
    'One row per execution environment: its first invocation seen, and what was told of its initialisation.';

create table function_sightings (
    function varchar,
    resource_id ubigint,
    first_ns bigint,
    last_ns bigint,
    run bigint
);
comment on table function_sightings is
    'One row per function and resource of a run that saw invocations of it: when, by their own time.';

create table minute_changes (
    function varchar,
    version varchar,
    minute integer,
    figure utinyint,
    bucket integer,
    amount bigint,
    run bigint
);
comment on table minute_changes is
    'One row per figure of a function, version and minute that a run changed: by how much. Recent ones; they move to minute_figures.';

create table minute_figures (
    function varchar,
    version varchar,
    minute integer,
    figure utinyint,
    bucket integer,
    amount bigint,
    run bigint
);
comment on table minute_figures is
    'One row per figure of a function, version and minute, summed from minute_changes; several rows of a figure add up. What the figures are: the view minute_counts.';

create table hour_figures (
    function varchar,
    version varchar,
    minute integer,
    figure utinyint,
    bucket integer,
    amount bigint,
    run bigint
);
comment on table hour_figures is
    'One row per figure of a function, version and hour: the sum of its rows in minute_figures; minute is the first of the hour.';

create table derived_progress (
    derived_seq bigint
);
comment on table derived_progress is
    'One row: the last export whose records are in the derived model.';
insert into derived_progress values (0);
