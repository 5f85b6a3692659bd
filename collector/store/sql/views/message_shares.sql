-- One row per message, destination and fragment that sent or took it in [since, before), with the step
-- of time (0: one) and the event trace it was for. sent, taken: 1 or 0; batches: the share of the
-- requests that took it: a batch of n is one n-th of one for each of its messages. event_trace_id
-- null: nothing stitched tells whose it was.
create or replace macro message_shares(since, before, step_ns, only_events) as table
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
sizes as (
    select shared_id, count(*) as size
    from fragments
    where part = 1 and shared_id is not null
      and end_ns >= since - 900_000_000_000 and start_ns < before + 900_000_000_000
    group by shared_id
)
select
    "key", coalesce(told.place, elsewhere.place) as queue, event_trace_id, told.time_ns,
    (role = 1)::integer as sent, (role = 2)::integer as taken,
    if(role = 2, 1 / coalesce(size, 1), 0) as batches
from told
join fragments using (fragment_id)
left join elsewhere using ("key")
left join sizes using (shared_id)
where coalesce(told.place, elsewhere.place) is not null
