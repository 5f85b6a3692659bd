-- One row per function and memory size: what its invocations in whole hours were billed for.
select
    function, bucket as memory_mb, unrated,
    sum(amount) filter (figure in (30, 31, 32)) as requests,
    sum(amount) filter (figure in (33, 34, 35)) as exec_us,
    sum(amount) filter (figure in (37, 38, 39)) as flex_us,
    sum(amount) filter (figure = 36) as init_us
from (
    select
        function, if(figure < 50, figure, figure - 20) as figure, bucket, figure >= 50 as unrated, amount
    from hour_figures
    where (figure between 30 and 39 or figure between 50 and 59)
      and minute >= $since_ns // 60_000_000_000 and minute < $until_ns // 60_000_000_000
    union all
    select
        function, if(figure < 50, figure, figure - 20), bucket, figure >= 50, amount
    from minute_changes
    where (figure between 30 and 39 or figure between 50 and 59)
      and minute >= $since_ns // 60_000_000_000 and minute < $until_ns // 60_000_000_000
)
group by function, bucket, unrated
order by function, bucket, unrated
