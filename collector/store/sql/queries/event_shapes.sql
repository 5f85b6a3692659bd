-- The paths event traces took in [$since_ns, $until_ns), the most frequent first, beside how often
-- each was taken from $before_ns on.
with counted as (
    select
        shape_id, path, root_function, status, start_ns, end_ns - start_ns as duration_ns,
        queue_wait_ns, start_ns >= $since_ns as present
    from listed_event_traces
    where start_ns >= $before_ns and start_ns < $until_ns
      and ($functions::varchar[] is null or list_has_any(functions, $functions::varchar[]))
      and ($text::varchar is null or contains(lower(array_to_string(path, ' ')), lower($text)))
)
select
    format('{:016x}', shape_id) as shape_id,
    any_value(path) as path,
    any_value(root_function) as root_function,
    count(*) filter (present) as event_count,
    count(*) filter (present and status = 'error') as error_count,
    count(*) filter (present and status = 'dead_lettered') as dead_lettered_count,
    count(*) filter (present and status = 'open') as open_count,
    quantile_cont(duration_ns, [0.5, 0.99]) filter (present) as durations_ns,
    quantile_cont(queue_wait_ns, 0.5) filter (present) as wait_ns,
    count(*) filter (not present) as event_count_before,
    count(*) filter (not present and status in ('error', 'dead_lettered')) as failed_count_before,
    quantile_cont(duration_ns, [0.5, 0.99]) filter (not present) as durations_before_ns,
    max(start_ns) as last_ns,
    sum(event_count) over ()::bigint as total_count
from counted
group by shape_id
order by event_count desc, event_count_before desc, shape_id
limit $limit
