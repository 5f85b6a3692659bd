-- The evidence that holds together the event traces which began in the window: one row a kind.
select kind, count(*) as joint_count, count(distinct event_trace_id) as event_count
from (
    select event_trace_id, unnest(joint_kinds) as kind
    from listed_event_traces
    where start_ns >= $since_ns and start_ns < $until_ns
)
group by kind
order by joint_count desc, kind
