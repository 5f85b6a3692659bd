-- One row per invocation of the minutes that a window cuts, with what it adds to figures of costs: in
-- columns what cost_figures_of has in rows, which takes longer to plan. Tests hold the two equal.
with timed as (
    select
        function, coalesce(version, '') as version, start_ns, outcome, attempt, billing, duration_ns,
        billed_ns, cpu_ns, coalesce(memory_mb, 0) as memory_mb, used_mb, init_kind,
        if(coalesce(reported, false) or coalesce(started, false), 1.0,
            coalesce(span_weight, 1.0)) as weight,
        billed_init_us(
            billing, start_ns, duration_ns, if(init_kind = 'cold', start_init_ns, null), billed_ns
        ) as init_us
    from invocation_rows
    where not spare
      and (
            (start_ns >= $ranges.first_ns and start_ns < $ranges.first_end_ns)
            or (start_ns >= $ranges.last_ns and start_ns < $ranges.until_ns)
        )
      and ($function::varchar is null or function = $function)
),
worked as (
    select
        *,
        case billing
            when 1 then coalesce(billed_ns // 1_000 - init_us, steps_us(duration_ns, 1, 0))
            when 2 then steps_us(duration_ns, 1, 100)
            when 4 then steps_us(duration_ns, 100, 100)
            when 6 then cpu_ns // 1_000
        end as exec_us
    from timed
)
select
    function, if($each_version, version, null) as version, start_ns, memory_mb, used_mb,
    init_kind is not distinct from 'provisioned' as provisioned,
    billing is not null as billed,
    case
        when coalesce(outcome in ('error', 'timeout', 'out_of_memory'), false)
            then if(attempt > 1, 2, 1)
        else 0
    end as fate,
    round(1000 * weight)::bigint as requests,
    round(exec_us * weight)::bigint as exec_us,
    round(init_us * weight)::bigint as init_us,
    if(billing = 2, round(steps_us(duration_ns, 100, 1_000) * weight), null)::bigint as flex_us,
    weight > 1 as scaled
from worked
