-- One row per function that had invocations: where its newest ran.
with newest as (
    select
        function, arg_max(resource_id, last_ns) as resource_id, min(first_ns) as watched_since_ns
    from function_sightings
    where $function::varchar is null or function = $function
    group by function
)
select
    places.function, places.provider, places.platform, places.region, places.account_id,
    places.memory_mb,
    text_of(resources.attributes, 'host.arch') as host_arch,
    watched_since_ns,
    if(places.provider = 'azure', resources.service, null) as app
from function_places as places
join newest using (function)
left join resources using (resource_id)
order by places.function
