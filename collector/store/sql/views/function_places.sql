-- One row per function that had invocations: where its newest ran.
create or replace view function_places as
select
    sightings.function,
    arg_max(provider, last_ns) as provider,
    arg_max(platform, last_ns) as platform,
    arg_max(region, last_ns) as region,
    arg_max(account_id, last_ns) as account_id,
    (arg_max(memory_bytes, last_ns) // 1_048_576)::integer as memory_mb,
    max(last_ns) as last_seen_ns
from function_sightings as sightings join resources using (resource_id)
group by sightings.function
