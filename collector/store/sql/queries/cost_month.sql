-- One row per function, memory size and figure of costs: what its invocations in whole hours add up to.
select function, bucket as memory_mb, figure, sum(amount)::bigint as amount
from (
    select function, figure, bucket, amount from hour_figures
    where (figure between 30 and 39 or figure between 50 and 59)
      and minute >= $since_ns // 60_000_000_000 and minute < $until_ns // 60_000_000_000
    union all
    select function, figure, bucket, amount from minute_changes
    where (figure between 30 and 39 or figure between 50 and 59)
      and minute >= $since_ns // 60_000_000_000 and minute < $until_ns // 60_000_000_000
)
group by function, bucket, figure
