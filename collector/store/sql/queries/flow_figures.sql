-- How event traces that began in [$since_ns, $until_ns) ended: one row per function they began with
-- (kind root), one per path they took (kind shape), and one of all (kind all). Those that are still
-- open count for nothing but their number.
with told as (
    select
        coalesce(root_function, '') as root_function, shape_id, path, status, start_ns,
        end_ns - start_ns as duration_ns
    from listed_event_traces
    where start_ns >= $since_ns and start_ns < $until_ns
)
select
    case grouping_id(root_function, shape_id) when 1 then 'root' when 2 then 'shape' else 'all' end
        as kind,
    root_function,
    format('{:016x}', shape_id) as shape_id,
    any_value(path) as path,
    any_value(root_function) as any_root_function,
    count(*) as events,
    count(*) filter (status = 'ok') as succeeded,
    count(*) filter (status = 'error') as errors,
    count(*) filter (status = 'dead_lettered') as dead_lettered,
    count(*) filter (status = 'open') as open,
    quantile_cont(duration_ns, 0.95) filter (status <> 'open') as duration_p95_ns,
    max(start_ns) as last_ns
from told
group by grouping sets ((root_function), (shape_id), ())
order by kind, root_function, shape_id
limit $limit
