-- One row per queue whose messages telemetry tells of in [since, before): how many were sent and taken,
-- and those sent and not taken. Kind 3 are message ids, role 1 is sending and 2 taking. waiting null:
-- nothing was ever seen to be taken, so nothing tells what waits.
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
)
select
    coalesce(sent_to, taken_from) as queue,
    count(sent_ns) as sent,
    count(taken_ns) as taken,
    if(count(taken_ns) = 0, null, count(*) filter (taken_ns is null)) as waiting,
    if(count(taken_ns) = 0, null, min(sent_ns) filter (taken_ns is null)) as oldest_ns,
    max(greatest(coalesce(sent_ns, 0), coalesce(taken_ns, 0))) as observed_ns
from told
where coalesce(sent_to, taken_from) is not null
group by all
