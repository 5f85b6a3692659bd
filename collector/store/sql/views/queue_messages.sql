-- One row per queue whose messages telemetry tells of in [since, before): how many were sent and taken,
-- and those that wait: sent after the one taken last, for takings may go unseen. Kind 3 are message
-- ids, role 1 is sending and 2 taking. waiting null: nothing was ever seen to be taken.
create or replace macro queue_messages(since, before) as table
with told as (
    select
        "key",
        min(place) filter (role = 1) as sent_to,
        min(time_ns) filter (role = 1) as sent_ns,
        min(place) filter (role = 2 and place is not null) as taken_from,
        min(time_ns) filter (role = 2) as taken_ns,
        count(*) filter (role = 2) as takings
    from fragment_keys
    where kind = 3 and role in (1, 2) and time_ns >= since and time_ns < before
    group by "key"
),
placed as (
    select
        coalesce(sent_to, taken_from) as queue, sent_ns, taken_ns,
        max(sent_ns) filter (taken_ns is not null) over (
            partition by coalesce(sent_to, taken_from)
        ) as last_taken_ns
    from told
    where coalesce(sent_to, taken_from) is not null
)
select
    queue,
    count(sent_ns) as sent,
    count(taken_ns) as taken,
    if(
        count(last_taken_ns) = 0, null,
        count(*) filter (taken_ns is null and sent_ns > last_taken_ns)
    ) as waiting,
    min(sent_ns) filter (taken_ns is null and sent_ns > last_taken_ns) as oldest_ns,
    max(greatest(coalesce(sent_ns, 0), coalesce(taken_ns, 0))) as observed_ns
from placed
group by queue
