-- What functions themselves log of an invocation, and which queue feeds which dead-letter queue. The
-- derived model is derived again, to have it.

alter table platform_lines add column cold boolean;
alter table platform_lines add column failed_items varchar[];
comment on table platform_lines is
    'One row per line about one invocation: of the platform, kind 1 START, 2 END, 3 REPORT, 4 timed out, 5 crashed; 6 what the function logged of it within a minute. The key is the invocation id, or its hash where it is no UUID.';
comment on column platform_lines.cold is
    'Of kind 6: whether a structured logger says that the invocation was a cold start; null: it does not say.';
comment on column platform_lines.failed_items is
    'Of kind 6: the messages of its batch that the function says it hands back; where a line names none, an at-sign and its time.';

alter table invocation_rows add column logged_cold boolean;
alter table invocation_rows add column failed_items integer;
comment on column invocation_rows.failed_items is
    'How many messages of its batch the function says it hands back; null: no line says.';

create table dead_letter_sources (
    queue varchar,
    source_queue varchar,
    evidence varchar,
    run bigint
);
comment on table dead_letter_sources is
    'One row per dead-letter queue and queue that feeds it, as telemetry tells: a redrive policy in a log line, or a dead letter that names its source.';

delete from platform_lines;
delete from invocation_rows;
delete from environments;
delete from function_sightings;
delete from logged_metrics;
delete from minute_changes;
delete from minute_figures;
delete from hour_figures;
update derived_progress set derived_seq = 0;
