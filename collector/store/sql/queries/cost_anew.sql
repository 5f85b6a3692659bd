-- One row per invocation of the minutes that a window cuts: what decides what it is billed for, which is
-- worked out as billed_rows does (collector/model/costs/billing.py): that takes 6 ms to plan. Tests hold
-- the two equal.
select
    function, if($each_version, coalesce(version, ''), null) as version, start_ns,
    coalesce(memory_mb, 0) as memory_mb, used_mb,
    coalesce(init_kind = 'provisioned', false) as provisioned,
    coalesce(billing, 0) as billing,
    case
        when coalesce(outcome in ('error', 'timeout', 'out_of_memory'), false)
            then if(attempt > 1, 2, 1)
        else 0
    end as fate,
    if(coalesce(reported, false) or coalesce(started, false), 1.0, coalesce(span_weight, 1.0))
        as weight,
    coalesce(reported, false) or coalesce(started, false) or span_weight is not null as rated,
    duration_ns, if(init_kind = 'cold', start_init_ns, null) as cold_ns, billed_ns, cpu_ns
from invocation_rows
where not spare
  and (
        (start_ns >= $ranges.first_ns and start_ns < $ranges.first_end_ns)
        or (start_ns >= $ranges.last_ns and start_ns < $ranges.until_ns)
    )
  and ($function::varchar is null or function = $function)
