-- One row per event trace of these and destination of messages: what it charges for in the window, as
-- shared_messages has it, where no message came in a batch or tells its size, and no workflow ran. queue
-- null: an event trace of which more has to be asked.
with mine as materialized (
    select event_trace_id, fragment_id, shared_id
    from fragments
    where end_ns >= $since_ns - 900_000_000_000 and start_ns < $until_ns + 900_000_000_000
      and event_trace_id in (select unnest($events::ubigint[]))
),
named as materialized (
    select "key", fragment_id, kind, role, place
    from fragment_keys
    where time_ns >= $since_ns and time_ns < $until_ns
      and (kind = 5 or (kind = 3 and role in (1, 2)))
      and fragment_id in (select fragment_id from mine)
    group by all
),
placed as (
    select
        fragment_id, role, coalesce(place, max(place) over (partition by "key")) as queue
    from named
    where kind = 3
),
others as (
    select event_trace_id from mine where shared_id is not null
    union
    select event_trace_id
    from mine join named using (fragment_id)
    where kind = 5 or "key" in (select "key" from message_sizes)
),
systems as (
    select
        destination as queue, max(system) as system, max(region) as region,
        max(account_id) as account_id
    from message_systems
    group by destination
)
select
    event_trace_id as owner, queue,
    count(*) filter (role = 1)::double as sent, count(*) filter (role = 2)::double as taken,
    count(*) filter (role = 2)::double as batches, count(*) as unsized, 0 as untold,
    any_value(system) as system, any_value(region) as region, any_value(account_id) as account_id
from placed join mine using (fragment_id) left join systems using (queue)
where queue is not null
group by event_trace_id, queue
union all by name
select event_trace_id as owner from others
order by owner, queue
