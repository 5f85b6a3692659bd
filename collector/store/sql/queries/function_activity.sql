-- One row per function with spans or log records in the window: what filters offer.
with counted as (
    select
        function, max(start_ns) as last_seen_ns, count(*) as spans,
        count(*) filter (
            invocation_id is not null and (kind in (2, 5) or parent_span_id is null)
        ) as invocations,
        count(*) filter (status_code = 2) as errors, 0 as logs
    from spans
    where start_ns >= $since_ns and start_ns < $until_ns and function is not null
    group by function
    union all
    select function, max(time_ns), 0, 0, 0, count(*)
    from log_records
    where time_ns >= $since_ns and time_ns < $until_ns and function is not null
    group by function
)
select
    function, max(last_seen_ns) as last_seen_ns, sum(spans)::bigint as spans,
    sum(invocations)::bigint as invocations, sum(errors)::bigint as errors,
    sum(logs)::bigint as logs
from counted
group by function
order by function
limit $limit
