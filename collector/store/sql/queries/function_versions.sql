-- One row per version of a function, by when it was first seen in the window, and one of all (whole).
with seen as (
    select version, min(minute) as first_minute, max(minute) as last_minute
    from figures_in($since_ns, $until_ns, true)
    where function = $function and figure = 1
    group by version
    having sum(amount) > 0
)
select
    told.* exclude (time_ns, version), nullif(told.version, '') as version,
    first_minute * 60_000_000_000 as first_seen_ns,
    last_minute * 60_000_000_000 as last_seen_ns,
    provider, platform, region, account_id, places.memory_mb as said_memory_mb
from health_by($since_ns, $until_ns, 0, true, true, true, $function) as told
left join seen on seen.version = told.version
left join function_places as places on places.function = told.function
order by whole, first_minute, told.version
limit $limit
