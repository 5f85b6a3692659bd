-- Names of functions: of who sent telemetry (the interned resources), and of the newest spans, for
-- a span may name its function itself.
select distinct function
from (
    select function from resources
    union all
    select function
    from (
        select function from spans
        where start_ns >= $since_ns and start_ns < $until_ns
        order by start_ns desc
        limit $sample
    )
)
where function is not null
order by function
limit $limit
