-- Names of attributes on the newest spans and on resources: what the search box suggests.
select key, count(*) as uses
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
where $prefix is null or starts_with(key, $prefix)
group by key
order by uses desc, key
limit $limit
