-- One row per function, version (where asked for), step of time, figure and bucket of whole hours: the
-- figures that costs are counted from, as cost_figures_of has them, the memory used (22) and what was
-- provisioned (6).
select
    function, if($each_version, version, null) as version, minute // $step * $step as at_minute,
    figure, bucket, sum(amount)::bigint as amount
from hour_figures
where minute >= $ranges.hour and minute < $ranges.hours_end
  and (figure >= 30 or figure in (6, 22))
  and ($function::varchar is null or function = $function)
group by all
having sum(amount) <> 0
