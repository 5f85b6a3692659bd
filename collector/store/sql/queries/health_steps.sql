-- One row per step of time in which any function had invocations: all together.
select *
from health_by($since_ns, $until_ns, $step_ns, false, false, false, null)
order by time_ns
