-- When the functions of this run were seen.
insert into function_sightings by name
select
    function, coalesce(span_resource_id, platform_resource_id) as resource_id,
    min(start_ns) as first_ns, max(start_ns) as last_ns, $up_to_seq::bigint as run
from made_rows
where not spare and span_outcome is distinct from 'throttled'
group by all
