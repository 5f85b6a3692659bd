-- One row per function, version, step of time, figure and bucket of [since, until) and of the window
-- before it (now = false, all one step): how many invocations, and the first and last minute of them.
-- Whole hours and minutes come as they are stored, and the minutes that windows cut are counted anew.
-- hour: of figure 9, whose meaning depends on it. The ranges: tests hold them equal to figures_in.
with stored as (
    select function, version, minute, figure, bucket, amount
    from hour_figures
    where (minute >= $ranges.earlier_hour and minute < $ranges.earlier_hours_end)
       or (minute >= $ranges.hour and minute < $ranges.hours_end and figure >= $least_by_hour)
    union all
    select function, version, minute, figure, bucket, amount
    from minute_figures
    where (minute >= $ranges.minute and minute < $ranges.earlier_hour)
       or (minute >= $ranges.earlier_hours_end and minute < $ranges.hour)
       or (minute >= $ranges.hours_end and minute < $ranges.minutes_end)
       or (minute >= $ranges.hour and minute < $ranges.hours_end and figure < $least_by_hour)
    union all
    select function, version, minute, figure, bucket, amount
    from minute_changes
    where minute >= $ranges.minute and minute < $ranges.minutes_end
),
told as (
    select function, version, minute, figure, bucket, amount, minute >= $ranges.now_minute as now
    from stored
    where minute <> $ranges.cut_minute and figure < 30
    union all
    select function, version, minute, figure, bucket, amount, start_ns >= $ranges.since_ns
    from health_figures_of('invocation_rows')
    where (start_ns >= $ranges.first_ns and start_ns < $ranges.first_end_ns)
       or (start_ns >= $ranges.cut_ns and start_ns < $ranges.cut_end_ns)
       or (start_ns >= $ranges.last_ns and start_ns < $ranges.until_ns)
)
select
    function, if($in_full, version, null) as version, now,
    if(now and (figure < 20 or $in_full), minute // $step * $step, 0) as at_minute,
    figure, bucket,
    if(figure = 9, minute // 60, 0) as hour,
    sum(amount)::bigint as amount, min(minute) as first_minute, max(minute) as last_minute
from told
where ($function::varchar is null or function = $function)
  and ($last_function::varchar is null or function <= $last_function)
  and (now or figure < 20 or $in_full)
group by all
having sum(amount) > 0
