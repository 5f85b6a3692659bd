-- One row per queue that event traces took the message from with which they ended dead-lettered: when
-- the earliest of them began, how many lie in its dead-letter queue as far as is seen, and since when
-- the first. Those of which a message was seen to be taken from a dead-letter queue lie there no more.
with dead as materialized (
    select event_trace_id, start_ns, failed_ns, queues from dead_letters($since_ns, $until_ns)
),
fetched as (
    select distinct event_trace_id
    from fragment_keys join fragments using (fragment_id)
    where dead_letter and role = 2 and event_trace_id in (select event_trace_id from dead)
)
select
    queue,
    min(start_ns) as first_sent_ns,
    count(*) filter (not fetched) as waiting,
    min(failed_ns) filter (not fetched) as waiting_since_ns
from (
    select
        unnest(queues) as queue, start_ns, failed_ns,
        event_trace_id in (select event_trace_id from fetched) as fetched
    from dead
)
group by queue
