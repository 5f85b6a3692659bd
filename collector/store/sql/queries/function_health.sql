-- One row per function that had invocations in the window, and one of all (whole).
select told.* exclude (version, time_ns), provider, platform, region, account_id,
    places.memory_mb as said_memory_mb
from health_by($since_ns, $until_ns, 0, true, false, true, $function) as told
left join function_places as places on places.function = told.function
order by whole, told.function
limit $limit
