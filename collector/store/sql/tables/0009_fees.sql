-- What fees are counted from beside messages themselves: their sizes, and what workflow engines did.
-- The derived model is derived again, so that what is stored has them.

create table message_sizes (
    "key" ubigint,
    bytes bigint,
    run bigint
);
comment on table message_sizes is
    'One row per message and run that told its size, under the key it has among those of fragments.';

create table workflow_events (
    execution_key ubigint,
    machine varchar,
    express boolean,
    kind utinyint,
    event_id varchar,
    previous_id varchar,
    time_ns bigint,
    run bigint
);
comment on table workflow_events is
    'One row per event of an execution of a workflow engine: kind 1 a state was entered, 2 an attempt at its task scheduled, 3 the execution started, 4 ended, as its log says; 9 an invocation carries its id.';

delete from platform_lines;
delete from invocation_rows;
delete from environments;
delete from function_sightings;
delete from logged_metrics;
delete from minute_changes;
delete from minute_figures;
delete from hour_figures;
delete from message_systems;
update derived_progress set derived_seq = 0;
