-- One row per step of time in which a queue's metrics told something.
select
    at_ns // $step_ns * $step_ns as time_ns,
    max(amount) filter (figure = 'depth') as depth,
    max(amount) filter (figure = 'age_s') as oldest_age_s,
    sum(amount) filter (figure = 'sent') as in_count,
    sum(amount) filter (figure = 'taken') as out_count
from queue_reports($since_ns, $until_ns)
where queue = $queue
group by 1
order by 1
