-- One row per function that event traces of [$since_ns, $until_ns) went through (kind function), and per
-- function they began with (kind root): retries and duplicates, and examples of both.
with told as (
    select
        event_trace_id, coalesce(root_function, '') as root_function, functions, path, status,
        start_ns, end_ns - start_ns as duration_ns, retry_count, duplicate_count
    from listed_event_traces
    where start_ns >= $since_ns and start_ns < $until_ns
),
each as (
    select 'root' as kind, root_function as name, * exclude (root_function) from told
    union all
    select 'function', unnest(list_distinct(functions)), * exclude (root_function) from told
)
select
    kind,
    name,
    count(*) as events,
    count(*) filter (status = 'ok') as succeeded,
    sum(retry_count)::bigint as retries,
    sum(duplicate_count)::bigint as duplicates,
    quantile_cont(duration_ns, 0.95) filter (status <> 'open') as duration_p95_ns,
    list_transform(
        max_by(event_trace_id, start_ns, 3) filter (duplicate_count > 0),
        lambda id: format('{:016x}', id)
    ) as duplicated_ids,
    list_transform(
        max_by(event_trace_id, start_ns, 3) filter (retry_count > 0),
        lambda id: format('{:016x}', id)
    ) as retried_ids,
    list_transform(
        max_by(event_trace_id, duration_ns, 3), lambda id: format('{:016x}', id)
    ) as slowest_ids,
    list_distinct(flatten(list(functions))) as functions,
    -- of a function: what its messages came from
    list_distinct(flatten(list(
        if(kind = 'root', path, list_filter(path, lambda part, place: path[place + 1] = name))
    ))) as parts
from each
where name <> ''
group by kind, name
order by kind, name
limit $limit
