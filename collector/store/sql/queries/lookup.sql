-- Where an id occurs: one row per kind of id and trace, newest first. trace_id is null for log
-- records outside any trace.
with found as (
    select 'trace' as kind, trace_id, max(start_ns) as last_ns
    from spans
    where trace_id = $trace_id and start_ns >= $since_ns and start_ns < $until_ns
    group by trace_id
    union all
    select
        case
            when correlation_id = $id then 'correlation id'
            when message_id = $id then 'message id'
            when invocation_id = $id then 'request id'
            else 'span'
        end,
        trace_id, max(start_ns)
    from spans
    where start_ns >= $since_ns and start_ns < $until_ns
      and (correlation_id = $id or message_id = $id or invocation_id = $id or span_id = $span_id)
    group by all
    union all
    select 'message id', trace_id, max(start_ns)
    from span_links
    where message_id = $id and start_ns >= $since_ns and start_ns < $until_ns
    group by trace_id
    union all
    select
        case
            when correlation_id = $id then 'correlation id'
            when invocation_id = $id then 'request id'
            else 'trace'
        end,
        trace_id, max(time_ns)
    from log_records
    where time_ns >= $since_ns and time_ns < $until_ns
      and (correlation_id = $id or invocation_id = $id or trace_id = $trace_id)
    group by all
)
select kind, replace(trace_id::varchar, '-', '') as trace_id, max(last_ns) as last_ns
from found
group by all
order by last_ns desc, kind, trace_id
limit $limit
