-- One row per step of time (multiples of step_ns) in which listed event traces began, and how many did.
select start_ns // $step_ns * $step_ns as time_ns, count(*) as events
from listed_event_traces
where start_ns >= $since_ns and start_ns < $until_ns
group by time_ns
order by time_ns
