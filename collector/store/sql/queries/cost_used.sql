-- One row per function of these: the most memory any of its invocations used in the hours the window
-- lies in.
select function, max(bucket) as used_mb
from (
    select function, minute, bucket from hour_figures where figure = 22
    union all
    select function, minute // 60 * 60, bucket from minute_changes where figure = 22
)
where minute >= $since_ns // 3_600_000_000_000 * 60 and minute < $until_ns // 60_000_000_000
  and list_contains($functions, function)
group by function
order by function
