-- The same of whole minutes, in two ranges.
select
    function, if($each_version, version, null) as version, minute // $step * $step as at_minute,
    figure, bucket, sum(amount)::bigint as amount
from minute_figures
where (
        (minute >= $minutes.since and minute < $minutes.until)
        or (minute >= $minutes.again and minute < $minutes.end)
    )
  and (figure >= 30 or figure in (6, 22))
  and ($function::varchar is null or function = $function)
group by all
having sum(amount) <> 0
