-- The same of whole minutes, in two ranges.
select
    function, version,
    if(minute < $ranges.now_minute, -1, minute // $step * $step) as at_minute,
    figure, if(figure = 9, minute // 60, bucket) as bucket,
    sum(amount)::bigint as amount, min(minute) as first_minute, max(minute) as last_minute
from minute_figures
where (
        (minute >= $minutes.since and minute < $minutes.until)
        or (minute >= $minutes.again and minute < $minutes.end)
    )
  and minute <> $ranges.cut_minute
  and figure < 30 and function = $function
group by all
having sum(amount) <> 0
