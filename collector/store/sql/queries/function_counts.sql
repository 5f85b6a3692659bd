-- One row per step of time and function that had invocations in the window, or of all together:
-- counts alone, which are quick to read.
select *
from counts_by($since_ns, $until_ns, $step_ns, $each_function, null)
order by function, time_ns
limit $limit
