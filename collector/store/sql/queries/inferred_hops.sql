-- Hops that hold by inference alone: parts of event traces that share no exact key with any other
-- part, after the part that began before them. One row a pair of functions. What began more than
-- $reach_ns after the window is left out.
with events as (
    select event_trace_id
    from event_traces
    where start_ns >= $since_ns and start_ns < $until_ns
      and list_has_any(joint_kinds, $inferred::utinyint[])
    order by hash(event_trace_id)
    limit $sample
),
members as (
    select event_trace_id, fragment_id, start_ns, function, destinations[1] as place
    from fragments semi join events using (event_trace_id)
    where part <> 5 and start_ns >= $since_ns and start_ns < $until_ns + $reach_ns
),
held as (
    select distinct members.event_trace_id, fragment_id, "key", kind
    from fragment_keys join members using (fragment_id)
    where kind > 0 and time_ns >= $since_ns - $reach_ns and time_ns < $until_ns + $reach_ns
),
shared as (
    select event_trace_id, "key", kind
    from held
    group by all
    having count(*) > 1
),
tied as (
    select fragment_id, min(kind) as kind
    from held semi join shared using (event_trace_id, "key", kind)
    group by fragment_id
),
steps as (
    select *, lag(function) over (partition by event_trace_id order by start_ns, fragment_id) as before
    from members
)
select
    before as sender,
    function as receiver,
    place,
    kind,
    count(distinct event_trace_id) as event_count
from steps join tied using (fragment_id)
where list_contains($inferred::utinyint[], kind) and before <> function
group by all
order by event_count desc, sender, receiver, place, kind
limit $limit
