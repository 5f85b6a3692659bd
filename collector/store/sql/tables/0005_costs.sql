-- What costs are counted from. The derived model is derived again, so that what is stored has them.

alter table invocation_rows add column billing utinyint;
alter table invocation_rows add column span_weight double;
comment on column invocation_rows.billing is
    'Whose rules of rounding hold: 1 AWS Lambda, 2 Azure Functions, 4 Google Cloud, 6 Cloudflare; null: no price per use is known.';
comment on column invocation_rows.span_weight is
    'How many invocations the span stands for, as its sampler says in the trace state; null: it says nothing.';

create table message_systems (
    destination varchar,
    system varchar,
    provider varchar,
    region varchar,
    account_id varchar,
    run bigint
);
comment on table message_systems is
    'One row per destination of messages and what runs it, as spans say: messaging.system.';

delete from platform_lines;
delete from invocation_rows;
delete from environments;
delete from function_sightings;
delete from logged_metrics;
delete from minute_changes;
delete from minute_figures;
delete from hour_figures;
update derived_progress set derived_seq = 0;
