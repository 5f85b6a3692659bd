-- One row per invocation an event trace has a share of, in order of time.
select
    start_ns, function, memory_mb, fate, share, exec_us, flex_us, init_us,
    outcome, replace(trace_id::varchar, '-', '') as trace_id, format('{:016x}', span_id) as span_id,
    len(list_filter($bounds_ns::bigint[], lambda each: each <= start_ns)) as period
from event_shares($since_ns, $until_ns, [$event]) as shares
where event_trace_id = $event
order by start_ns, function, span_id
limit $limit
