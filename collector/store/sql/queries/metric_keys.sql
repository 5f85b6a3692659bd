-- The attribute names on points of one metric, and how many values each has, most values last.
select key, count(distinct value) as value_count
from (
    select unnest(attributes, recursive := true)
    from metric_points
    where name = $metric and time_ns >= $since_ns and time_ns < $until_ns
)
group by key
order by value_count, key
limit $limit
