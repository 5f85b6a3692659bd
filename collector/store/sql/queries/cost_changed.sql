-- The same of changes that were not folded into minutes and hours yet: by how much they move them.
select
    function, if($each_version, version, null) as version, minute // $step * $step as at_minute,
    figure, bucket, sum(amount)::bigint as amount
from minute_changes
where minute >= $ranges.minute and minute < $ranges.minutes_end
  and (figure >= 30 or figure in (6, 22))
  and ($function::varchar is null or function = $function)
group by all
having sum(amount) <> 0
