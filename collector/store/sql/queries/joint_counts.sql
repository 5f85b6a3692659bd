-- The evidence that holds together the event traces which began in the window: one row a kind.
-- A business id that ties is called a correlation id.
select kind, count(*) as joint_count, count(distinct event_trace_id) as event_count
from (
    select event_trace_id, if(kind = 9, 8, kind)::utinyint as kind
    from (select event_trace_id, start_ns, unnest(joint_kinds) as kind from listed_event_traces)
    where start_ns >= $since_ns and start_ns < $until_ns
)
group by kind
order by joint_count desc, kind
