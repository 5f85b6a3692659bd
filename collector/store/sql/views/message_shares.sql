-- One row per destination, step of time (0: one) and event trace whose messages were sent or taken in [since, before): how
-- often, and by how many requests that took: a batch of n is one n-th of one for each of its messages.
-- event_trace_id null: nothing stitched tells whose they were.
create or replace macro message_shares(since, before, step_ns, only_events) as table
with told as (
    select
        "key", fragment_id, role, place,
        min(if(step_ns = 0, since, time_ns // step_ns * step_ns))::bigint as time_ns
    from fragment_keys
    where kind = 3 and role in (1, 2) and time_ns >= since and time_ns < before
      and (
          only_events::ubigint[] is null
          or fragment_id in (
              select fragment_id from fragments
              where event_trace_id in (select unnest(only_events::ubigint[]))
          )
      )
    group by "key", fragment_id, role, place
),
placed as (
    select
        told.*, coalesce(place, max(place) over (partition by "key")) as queue, event_trace_id,
        coalesce(shared_id, fragments.fragment_id) as batch_id
    from told join fragments using (fragment_id)
),
batches as (
    select shared_id as batch_id, count(*) as size
    from fragments
    where shared_id in (select batch_id from placed where role = 2) and part = 1
    group by shared_id
)
select
    queue, event_trace_id, time_ns,
    count(*) filter (role = 1) as sent,
    count(*) filter (role = 2) as taken,
    coalesce(sum(1 / coalesce(size, 1)) filter (role = 2), 0) as batches
from placed left join batches using (batch_id)
where queue is not null
group by queue, event_trace_id, time_ns
