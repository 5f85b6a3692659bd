-- One row per trace of the ids given, over its spans that start in [$since_ns, $until_ns).
-- A span sent twice counts once. The root is the span without a parent, else the earliest.
with parts as (
    select distinct on (spans.trace_id, span_id)
        spans.trace_id, span_id, parent_span_id, start_ns, duration_ns, name, status_code,
        coalesce(spans.function, resources.function) as function, resources.service
    from spans left join resources using (resource_id)
    where start_ns >= $since_ns and start_ns < $until_ns
      and spans.trace_id in (select unnest($trace_ids))
)
select
    replace(trace_id::varchar, '-', '') as trace_id,
    min(start_ns) as start_ns,
    max(start_ns + greatest(coalesce(duration_ns, 0), 0)) - min(start_ns) as duration_ns,
    arg_min(name, (parent_span_id is not null, start_ns)) as root_name,
    arg_min(coalesce(function, ''), (parent_span_id is not null, start_ns)) as root_function,
    list(distinct function order by function) filter (function is not null) as functions,
    list(distinct service order by service) filter (service is not null) as services,
    count(*) as span_count,
    count(*) filter (status_code = 2) as error_count
from parts
group by trace_id
