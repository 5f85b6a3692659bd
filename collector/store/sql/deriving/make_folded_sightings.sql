-- One row per function and resource instead of one per run.
create temp table folded_sightings as
select
    function, resource_id, min(first_ns) as first_ns, max(last_ns) as last_ns, max(run) as run
from function_sightings
group by function, resource_id
