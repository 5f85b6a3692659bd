-- One row per span that stands for one attempt of one function to handle one trigger: a server or
-- consumer span, or a root, that carries an invocation id. cold_start null = not known.
create or replace view invocations as
select
    trace_id,
    span_id,
    parent_span_id,
    function,
    invocation_id,
    "trigger",
    cold_start,
    start_ns,
    duration_ns,
    status_code = 2 as error,
    error_type,
    correlation_id,
    resource_id,
    export_seq
from spans
where invocation_id is not null and (kind in (2, 5) or parent_span_id is null);
