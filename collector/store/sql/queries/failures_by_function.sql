-- How many event traces that began in the window each function has a part in failed, the most first.
select
    function,
    count(*) filter (where status = 'error') as error_count,
    count(*) filter (where status = 'dead_lettered') as dead_lettered_count
from (
    select unnest(functions) as function, status
    from event_traces
    where start_ns >= $since_ns and start_ns < $until_ns and status in ('error', 'dead_lettered')
)
group by function
order by count(*) desc, function
limit $limit
