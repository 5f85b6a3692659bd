-- One row per step of time and function that metrics tell of in the window; a step of 0 is one.
select *
from reported_health($since_ns, $until_ns, $step_ns, $function)
order by function, time_ns
