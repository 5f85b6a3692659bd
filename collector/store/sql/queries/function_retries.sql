-- One row per function of which event traces tell: retries and duplicates in those that began in the
-- window and have any.
with troubled as (
    select unnest(list_distinct(functions)) as function, retry_count, duplicate_count
    from event_traces
    where start_ns >= $since_ns and start_ns < $until_ns
      and (retry_count > 0 or duplicate_count > 0)
      and ($function::varchar is null or list_contains(functions, $function))
)
select function, sum(retry_count)::bigint, sum(duplicate_count)::bigint
from troubled
where $function::varchar is null or function = $function
group by function
order by function
