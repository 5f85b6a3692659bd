-- One row per function that had invocations: when the first stored one began.
create or replace view functions_watched as
select function, min(first_ns) as watched_since_ns
from function_sightings
group by function
