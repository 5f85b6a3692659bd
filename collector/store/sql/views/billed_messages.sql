-- One row per message, destination and fragment that sent or took it in [since, before), with the step
-- of time (0: one). sent, taken: how many units of 64 KB it was when it was sent or taken, else 0;
-- batches: its share of the requests that took it, half a receive and half a delete for each: a batch of n is one n-th of
-- one for each of its messages. unsized: 1 where its size is not told, which is one unit then.
create or replace macro billed_messages(since, before, step_ns, only_events) as table
with told as materialized (
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
-- Who does not say where a message was is told by who else names it.
elsewhere as (
    select "key", max(place) as place
    from told
    where "key" in (select "key" from told where place is null)
    group by "key"
),
batched as materialized (
    select
        fragment_id, shared_id, count(*) filter (part = 1) over (partition by shared_id) as size
    from fragments
    where shared_id is not null
      and end_ns >= since - 900_000_000_000 and start_ns < before + 900_000_000_000
),
-- All messages of their batches, whichever event traces they are of.
of_batches as materialized (
    select distinct shared_id, "key"
    from fragment_keys join batched using (fragment_id)
    where kind = 3 and role = 2
      and time_ns >= since - 900_000_000_000 and time_ns < before + 900_000_000_000
      and shared_id in (
          select shared_id from batched where fragment_id in (select fragment_id from told)
      )
),
sized as materialized (
    select "key", max(bytes) as bytes
    from message_sizes
    where "key" in (select "key" from told union all select "key" from of_batches)
    group by "key"
),
batch_bytes as (
    select shared_id, sum(bytes) as bytes
    from of_batches join sized using ("key")
    group by shared_id
),
units as (
    select
        told."key", told.fragment_id, told.role, told.time_ns,
        coalesce(told.place, elsewhere.place) as queue,
        greatest(1, coalesce((sized.bytes + 65_535) // 65_536, 1)) as units,
        greatest(1, coalesce((coalesce(batch_bytes.bytes, sized.bytes) + 65_535) // 65_536, 1))
            as received,
        coalesce(nullif(size, 0), 1) as size,
        (sized.bytes is null)::integer as unsized
    from told
    left join elsewhere using ("key")
    left join sized using ("key")
    left join batched using (fragment_id)
    left join batch_bytes using (shared_id)
)
select
    "key", fragment_id, queue, time_ns,
    if(role = 1, units, 0)::double as sent, if(role = 2, units, 0)::double as taken,
    if(role = 2, (received + 1) / 2 / size, 0)::double as batches,
    unsized
from units
where queue is not null
