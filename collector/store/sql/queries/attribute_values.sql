-- Values of one attribute on the newest spans and on resources, the most used first.
select value, count(*) as uses
from (
    select unnest(attributes, recursive := true)
    from (
        select attributes from spans
        where start_ns >= $since_ns and start_ns < $until_ns
        order by start_ns desc
        limit $sample
    )
    union all
    select unnest(attributes, recursive := true) from resources
)
where key = $key and ($prefix is null or starts_with(value, $prefix))
group by value
order by uses desc, value
limit $limit
