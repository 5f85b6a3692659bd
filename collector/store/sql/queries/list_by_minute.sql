-- The same of whole minutes, in two ranges: figures below $most.
select
    function,
    case
        when minute < $ranges.now_minute then -1
        when figure < 20 then minute // $step * $step
        else 0
    end as at_minute,
    figure, if(figure = 9, minute // 60, bucket) as bucket, sum(amount)::bigint as amount
from minute_figures
where (
        (minute >= $minutes.since and minute < $minutes.until)
        or (minute >= $minutes.again and minute < $minutes.end)
    )
  and minute <> $ranges.cut_minute
  and figure < $most
  and (minute >= $ranges.now_minute or figure < 20)
  and ($last_function::varchar is null or function <= $last_function)
group by all
having sum(amount) <> 0
