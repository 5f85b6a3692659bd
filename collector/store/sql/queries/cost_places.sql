-- One row per function that had invocations: where its newest ran, and the most memory any used in
-- the window.
with newest as (
    select function, arg_max(resource_id, last_ns) as resource_id
    from function_sightings
    where $function::varchar is null or function = $function
    group by function
),
used as (
    select function, max(bucket) as used_mb, count(*) as sizes
    from figures_in($since_ns, $until_ns, false)
    where figure = 22 and ($function::varchar is null or function = $function)
    group by function
)
select
    places.function, places.provider, places.platform, places.region, places.account_id,
    places.memory_mb, used_mb,
    text_of(resources.attributes, 'host.arch') as host_arch,
    watched_since_ns,
    if(places.provider = 'azure', resources.service, null) as app
from function_places as places
join newest using (function)
join functions_watched using (function)
left join resources using (resource_id)
left join used on used.function = places.function
order by places.function
