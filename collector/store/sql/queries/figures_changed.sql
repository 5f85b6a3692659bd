-- The same of changes that were not folded into minutes and hours yet: by how much they move them.
select
    function, version,
    if(minute < $ranges.now_minute, -1, minute // $step * $step) as at_minute,
    figure, if(figure = 9, minute // 60, bucket) as bucket,
    sum(amount)::bigint as amount, min(minute) as first_minute, max(minute) as last_minute
from minute_changes
where minute >= $ranges.minute and minute < $ranges.minutes_end
  and minute <> $ranges.cut_minute
  and figure < 30 and function = $function
group by all
having sum(amount) <> 0
