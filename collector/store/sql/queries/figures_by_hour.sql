-- One row per version, step of time, figure and bucket of whole hours of a window of one function, and of
-- the window before it (at_minute -1: all one step): how many invocations, and the first and last hour of
-- them. Of figure 9, whose meaning depends on it, the bucket is the hour.
select
    function, version,
    if(minute < $ranges.now_minute, -1, minute // $step * $step) as at_minute,
    figure, if(figure = 9, minute // 60, bucket) as bucket,
    sum(amount)::bigint as amount, min(minute) as first_minute, max(minute) as last_minute
from hour_figures
where (
        (minute >= $ranges.earlier_hour and minute < $ranges.earlier_hours_end)
        or (minute >= $ranges.hour and minute < $ranges.hours_end)
    )
  and figure < 30 and function = $function
group by all
having sum(amount) <> 0
