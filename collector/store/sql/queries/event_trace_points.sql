-- Starts and durations of event traces that match: at most $limit that failed and $limit that did
-- not, chosen by their ids, so that the same question gives the same points.
with matching as (
    select event_trace_id, start_ns, end_ns - start_ns as duration_ns, status, root_function
    from matching_event_traces(
        $since_ns, $until_ns, $functions, $status, $cold, $retried, $duplicate, $dead_lettered,
        $min_duration_ns, $max_duration_ns, $min_wait_ns, $correlation_id, $shape_id, $ids, $text,
        $text_ids
    )
),
failed as (
    select * from matching
    where status in ('error', 'dead_lettered')
    order by hash(event_trace_id)
    limit $limit
),
others as (
    select * from matching
    where status not in ('error', 'dead_lettered')
    order by hash(event_trace_id)
    limit $limit
)
select format('{:016x}', event_trace_id) as event_trace_id, start_ns, duration_ns, status, root_function
from (from failed union all from others)
order by start_ns, event_trace_id
