-- One row per hour, figure (2 failed, 20 duration) and bucket of a function: how many of its invocations
-- that began in whole minutes of a range of time.
select minute // 60 * 60 as hour, figure, bucket, sum(amount)::bigint as amount
from (
    select minute, figure, bucket, amount from hour_figures
    where minute >= $ranges.hour and minute < $ranges.hours_end
      and function = $function and figure in (2, 20)
    union all
    select minute, figure, bucket, amount from minute_figures
    where (
            (minute >= $ranges.minute and minute < $ranges.hour)
            or (minute >= $ranges.hours_end and minute < $ranges.minutes_end)
        )
      and function = $function and figure in (2, 20)
    union all
    select minute, figure, bucket, amount from minute_changes
    where minute >= $ranges.minute and minute < $ranges.minutes_end
      and function = $function and figure in (2, 20)
)
group by all
having sum(amount) > 0
