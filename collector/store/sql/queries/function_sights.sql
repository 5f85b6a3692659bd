-- One row per function that had invocations: where its newest ran (function_places), and when the first
-- stored one began (functions_watched).
select
    sightings.function,
    arg_max(provider, last_ns) as provider,
    arg_max(platform, last_ns) as platform,
    arg_max(region, last_ns) as region,
    arg_max(account_id, last_ns) as account_id,
    (arg_max(memory_bytes, last_ns) // 1_048_576)::integer as memory_mb,
    min(first_ns) as watched_since_ns
from function_sightings as sightings left join resources using (resource_id)
where $function::varchar is null or sightings.function = $function
group by sightings.function
