-- Alert rules, the state of their alerts, and what changed. Nothing here is derived from telemetry alone,
-- so nothing here can be made again: retention of telemetry leaves it alone.

create table alert_rules (
    rule_id varchar,
    document varchar,
    created_ns bigint,
    changed_ns bigint
);
comment on table alert_rules is
    'One row per rule made through the API or the browser; the document is the rule as JSON, without its id. Rules of the settings and of files are not here.';

create table slos (
    slo_id varchar,
    document varchar,
    created_ns bigint,
    changed_ns bigint
);
comment on table slos is
    'One row per service level objective made through the API or the browser; the document is JSON, without its id.';

create table alert_states (
    rule_id varchar,
    group_name varchar,
    state varchar,
    since_ns bigint,
    began_ns bigint,
    clear_ns bigint,
    "value" double,
    observed_ns bigint,
    evaluated_ns bigint
);
comment on table alert_states is
    'One row per alert that is not inactive: pending, firing, or resolved a short while ago. since_ns is when this state began, began_ns when the condition first held, clear_ns since when it has not held while the alert still fires, observed_ns the end of the newest window that had a value.';

create table alert_changes (
    change_id uuid,
    rule_id varchar,
    rule_name varchar,
    group_name varchar,
    state varchar,
    severity varchar,
    "value" double,
    threshold double,
    unit varchar,
    since_ns bigint,
    changed_ns bigint,
    targets varchar[],
    owner varchar,
    note varchar,
    metric varchar,
    scope varchar,
    summary varchar,
    change_seq bigint
);
comment on table alert_changes is
    'One row per change of an alert, committed with its new state. group_name is the function, queue or flow shape it is about, empty for all together; state is pending, firing or resolved; scope is JSON; since_ns is when the state began; summary is a sentence for a person. change_seq grows by one, also where the clock goes back.';

create table alert_progress (
    evaluated_ns bigint,
    watched_ns bigint,
    gap_ns bigint
);
comment on table alert_progress is
    'One row: when rules were last evaluated, since when that went on without a gap, and how long the last gap was; 0: never.';
insert into alert_progress values (0, 0, 0);

create table flow_sightings (
    shape_id ubigint,
    first_ns bigint
);
comment on table flow_sightings is
    'One row per flow shape: when the first event trace of it began, as alerts saw it.';

create table outcome_hours (
    slo_id varchar,
    hour_ns bigint,
    good bigint,
    total bigint
);
comment on table outcome_hours is
    'One row per objective about event outcomes and hour that has settled: how many event traces began in it, and how many of them were good.';
