-- How far the event traces that began in the window reach: one row. A trace that served a batch is
-- part of several of them and counts once.
with chosen as (
    select trace_ids, joint_kinds
    from listed_event_traces
    where start_ns >= $since_ns and start_ns < $until_ns
),
traces as (
    select trace_id, max(trace_count) as trace_count
    from (select unnest(trace_ids) as trace_id, len(trace_ids) as trace_count from chosen)
    group by trace_id
)
select
    count(*) as event_count,
    count(*) filter (len(trace_ids) > 1) as joined_event_count,
    (select count(*) from traces) as trace_count,
    (select count(*) from traces where trace_count > 1) as joined_trace_count,
    coalesce(max(len(trace_ids)), 0) as most_traces,
    count(*) filter (list_has_any(joint_kinds, $inferred::utinyint[])) as inferred_event_count
from chosen
