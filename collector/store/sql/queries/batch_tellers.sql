-- A row where batches of messages of the window, or log lines about what was handed back of them, are
-- stored at all: most functions take none, and then what follows has not to be asked.
select true
from (
    select 1
    from fragments
    where part = 1 and start_ns >= $since_ns and start_ns < $until_ns
      and ($function::varchar is null or function = $function)
    union all
    select 1
    from invocation_rows
    where failed_items is not null and start_ns >= $since_ns and start_ns < $until_ns
      and ($function::varchar is null or function = $function)
)
limit 1
