-- Traces that hang under parents which never arrived: one row for each function that comes first in
-- them. An X-Ray context shows by its first eight digits: the second it began in.
select
    function,
    count(distinct trace_id) as trace_count,
    count(distinct trace_id) filter (entry) as entry_count,
    count(distinct trace_id) filter (
        abs(('0x' || left(trace_id::varchar, 8))::bigint - start_ns // 1_000_000_000) < 86400
    ) as xray_count
from fragments
where start_ns >= $since_ns and start_ns < $until_ns and phantom_count > 0 and trace_id is not null
group by function
order by trace_count desc, function
limit $limit
