-- One row per invocation of the minutes that windows cut, with what it adds to figures: in columns what
-- health_figures_of has in rows, which takes five times as long to plan. Tests hold the two equal.
select
    function, if($function::varchar is null, null, coalesce(version, '')) as version, start_ns,
    if(outcome is not distinct from 'throttled', 11, 1) as invocation,
    if(outcome in ('error', 'timeout', 'out_of_memory'), 2, null) as failed,
    case outcome when 'timeout' then 3 when 'out_of_memory' then 4 end as failure,
    case init_kind
        when 'cold' then 5
        when 'provisioned' then 6
        when 'snapshot_restore' then 7
        when 'warm' then 8
        when 'first' then 9
    end as start,
    if(attempt > 1, 10, null) as again,
    bucket_of(duration_ns) as duration, bucket_of(start_init_ns) as init, used_mb, memory_mb
from invocation_rows
where not spare
  and (
        (start_ns >= $ranges.first_ns and start_ns < $ranges.first_end_ns)
        or (start_ns >= $ranges.cut_ns and start_ns < $ranges.cut_end_ns)
        or (start_ns >= $ranges.last_ns and start_ns < $ranges.until_ns)
    )
  and ($function::varchar is null or function = $function)
  and ($last_function::varchar is null or function <= $last_function)
