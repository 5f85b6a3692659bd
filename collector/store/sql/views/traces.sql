-- One row per trace id: what its earliest root says, and the extent of all its spans.
-- A root is a span without a parent; where none has arrived, the earliest span stands in for it
-- and root_seen is false. duration_ns is null while any span lacks its end.
create or replace view traces as
select
    trace_id,
    coalesce(
        arg_min(name, start_ns) filter (where parent_span_id is null), arg_min(name, start_ns)
    ) as root_name,
    coalesce(
        arg_min(function, start_ns) filter (where parent_span_id is null),
        arg_min(function, start_ns)
    ) as root_function,
    bool_or(parent_span_id is null) as root_seen,
    min(start_ns) as start_ns,
    if(
        count(duration_ns) = count(*),
        max(start_ns + greatest(duration_ns, 0)) - min(start_ns),
        null
    ) as duration_ns,
    count(*) as span_count,
    count(*) filter (where status_code = 2) as error_count,
    bool_or(status_code = 2) as error
from spans
where trace_id is not null
group by trace_id;
