-- One row per invocation of a table like invocation_rows: what it was billed for. fate: 0 it
-- succeeded, 1 it failed, 2 a further attempt failed. weight: for how many it stands; the platform's
-- lines are not sampled. rated: whether anything tells so. exec_us null: how long it ran is not told. flex_us: by the steps of Azure's
-- plan Flex.
create or replace macro billed_rows(source) as table
with timed as (
    select
        "key", other_id, attempt, start_ns, function, coalesce(version, '') as version,
        coalesce(trace_id, xray_trace_id) as trace_id, span_id, outcome, billing,
        coalesce(memory_mb, 0) as memory_mb,
        if(coalesce(reported, false) or coalesce(started, false), 1.0,
            coalesce(span_weight, 1.0)) as weight,
        coalesce(reported, false) or coalesce(started, false) or span_weight is not null as rated,
        duration_ns, billed_ns, cpu_ns,
        if(init_kind = 'cold', start_init_ns, null) as cold_ns
    from query_table(source)
    where not spare and billing is not null
)
select
    timed.* exclude (duration_ns, billed_ns, cpu_ns, cold_ns),
    case
        when coalesce(outcome in ('error', 'timeout', 'out_of_memory'), false)
            then if(attempt > 1, 2, 1)
        else 0
    end as fate,
    billed_exec_us(billing, start_ns, duration_ns, cold_ns, billed_ns, cpu_ns) as exec_us,
    billed_init_us(billing, start_ns, duration_ns, cold_ns, billed_ns) as init_us,
    if(billing = 2, steps_us(duration_ns, 100, 1_000), null) as flex_us
from timed
