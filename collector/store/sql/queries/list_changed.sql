-- The same of changes that were not folded into minutes and hours yet: by how much they move them.
select
    function,
    case
        when minute < $ranges.now_minute then -1
        when figure < 20 then minute // $step * $step
        else 0
    end as at_minute,
    figure, if(figure = 9, minute // 60, bucket) as bucket, sum(amount)::bigint as amount
from minute_changes
where minute >= $ranges.minute and minute < $ranges.minutes_end
  and minute <> $ranges.cut_minute
  and figure < $most
  and (minute >= $ranges.now_minute or figure < 20)
  and ($last_function::varchar is null or function <= $last_function)
group by all
having sum(amount) <> 0
