-- One row per metric (name, type and unit) with points in the window; a series is one combination
-- of attributes and resource.
select
    name, type, unit,
    arg_max(description, time_ns) as description,
    count(*) as points,
    count(distinct hash(resource_id, attributes)) as series,
    max(time_ns) as last_seen_ns
from metric_points
where time_ns >= $since_ns and time_ns < $until_ns
  and ($text is null or contains(lower(name), lower($text)))
  and ($function is null or function = $function)
group by name, type, unit
order by name, type, unit
limit $limit
