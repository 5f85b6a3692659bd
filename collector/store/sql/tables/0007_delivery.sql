-- Where alerts go, what was sent there, and what is kept quiet. Like the alerts themselves, nothing
-- here can be made again from telemetry.

create table alert_targets (
    name varchar,
    document varchar,
    created_ns bigint,
    changed_ns bigint
);
comment on table alert_targets is
    'One row per target saved through the API or the browser; the document is its JSON, with its secrets as they are: who may read this file may send there. Targets of the settings are not here.';

create table alert_silences (
    silence_id uuid,
    rule varchar,
    group_glob varchar,
    severity varchar,
    reason varchar,
    author varchar,
    starts_ns bigint,
    ends_ns bigint,
    created_ns bigint
);
comment on table alert_silences is
    'One row per silence, ended ones too. rule is the id or the name of a rule, group_glob a pattern for the group; what is null matches anything.';

create table alert_deliveries (
    delivery_id uuid,
    change_id uuid,
    change_seq bigint,
    target varchar,
    rule_id varchar,
    rule_name varchar,
    group_name varchar,
    severity varchar,
    alert_state varchar,
    reason varchar,
    state varchar,
    message_id uuid,
    silence_id uuid,
    attempts integer,
    created_ns bigint,
    first_try_ns bigint,
    next_ns bigint,
    ended_ns bigint,
    http_status integer,
    latency_ms double,
    error varchar
);
comment on table alert_deliveries is
    'One row per change of an alert and target it goes to, and per repetition and test. state is waiting, failed (tried, and tried again at next_ns), sent, given_up, silenced or dropped (a resolved alert of which its target was never told); rows of one message share message_id, which is the dedup key.';

create table delivery_progress (
    change_seq bigint
);
comment on table delivery_progress is
    'One row: the last change of an alert that has its deliveries.';
insert into delivery_progress values (0);
