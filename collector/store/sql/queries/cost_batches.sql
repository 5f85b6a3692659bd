-- One row per function and queue it took messages from in the window: how many, in how many batches.
with taken as (
    select distinct "key", fragment_id, place, keys.function
    from fragment_keys as keys
    where kind = 3 and role = 2 and place is not null and keys.function is not null
      and time_ns >= $since_ns and time_ns < $until_ns
),
sizes as (
    select shared_id, count(*) as size
    from fragments
    where part = 1 and shared_id is not null
      and end_ns >= $since_ns - 900_000_000_000 and start_ns < $until_ns + 900_000_000_000
    group by shared_id
)
select
    taken.function, place as queue, count(*)::bigint as messages,
    sum(1 / coalesce(size, 1))::double as batches
from taken join fragments using (fragment_id) left join sizes using (shared_id)
group by taken.function, place
order by taken.function, place
