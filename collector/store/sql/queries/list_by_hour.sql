-- One row per function, step of time, figure and bucket of whole hours of a window and of the one before
-- it (at_minute -1: all one step, counts alone): how many invocations, figures below $most. Of figure 9, whose meaning depends
-- on it, the bucket is the hour.
select
    function,
    case
        when minute < $ranges.now_minute then -1
        when figure < 20 then minute // $step * $step
        else 0
    end as at_minute,
    figure, if(figure = 9, minute // 60, bucket) as bucket, sum(amount)::bigint as amount
from hour_figures
where (
        (minute >= $ranges.earlier_hour and minute < $ranges.earlier_hours_end)
        or (minute >= $ranges.hour and minute < $ranges.hours_end)
    )
  and figure < $most
  and if(minute < $ranges.now_minute, figure < 20, figure >= $least)
  and ($last_function::varchar is null or function <= $last_function)
group by all
having sum(amount) <> 0
