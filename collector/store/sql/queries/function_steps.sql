-- One row per function and step of time in which it had invocations.
select *
from health_by($since_ns, $until_ns, $step_ns, true, false, false, $function)
order by function, time_ns
limit $limit
