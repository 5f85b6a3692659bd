-- One row per way in which invocations of a function failed or were turned away, the most frequent
-- first. What is compared with one word is found faster than what is compared with three.
with failed as (
    select outcome, error_type, start_ns, trace_id
    from invocation_rows
    where not spare and start_ns >= $since_ns and start_ns < $until_ns and function = $function
      and outcome <> 'ok'
),
grouped as (
    select
        outcome, error_type, count(*) as amount, min(start_ns) as first_ns, max(start_ns) as last_ns,
        arg_max(trace_id, start_ns) as trace_id
    from failed
    group by outcome, error_type
    order by amount desc
    limit $limit
)
select
    outcome, error_type, amount, first_ns, last_ns,
    format('{:016x}', any_value(event_trace_id)) as event_trace_id,
    replace(grouped.trace_id::varchar, '-', '') as trace_id
from grouped left join fragments
    on fragments.trace_id = grouped.trace_id
    and fragments.start_ns between $since_ns - 86_400_000_000_000 and $until_ns
group by outcome, error_type, amount, first_ns, last_ns, grouped.trace_id
order by amount desc, outcome, error_type
