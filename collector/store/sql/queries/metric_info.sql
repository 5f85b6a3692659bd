-- What a metric is, by its newest point in the window; no row when it has none.
select
    type, unit, description,
    if(type = 'summary' and starts_with(name, 'amazonaws.com/'), 1, temporality) as temporality,
    monotonic
from metric_points
where name = $metric and time_ns >= $since_ns and time_ns < $until_ns
  and ($function is null or function = $function)
order by time_ns desc
limit 1
