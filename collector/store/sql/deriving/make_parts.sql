-- All that is known of the touched invocations, each with when it begins and ends; the order of
-- kinds is that in which they happen.
create temp table parts as
with spans_known as (
    select
        "key", other_id, function, version, environment_id, alias_id, start_ns,
        start_ns + duration_ns as end_ns, main
    from new_spans
    union all
    select
        "key", other_id, old_rows.function, resources.version, environment_of(instance),
        alias_of(instance), span_start_ns,
        span_start_ns + coalesce(span_duration_ns, 0),
        {
            'rank': span_rank, 'start_ns': span_start_ns, 'span_id': span_id,
            'trace_id': trace_id, 'duration_ns': span_duration_ns, 'failed': span_failed,
            'error': span_error, 'cold': span_cold, 'trigger': "trigger",
            'outcome': span_outcome, 'cpu_ns': cpu_ns, 'resource_id': span_resource_id,
            'weight': span_weight
        }
    from old_rows left join resources on resources.resource_id = span_resource_id
    where span_start_ns is not null
),
lines_known as (
    select *
    from platform_lines
    where time_ns >= $from_ns and time_ns <= $to_ns and kind < 6
      and "key" in (select "key" from touched)
)
select
    "key", other_id, function, version, environment_id, alias_id, 0::utinyint as kind,
    start_ns as begin_ns, coalesce(end_ns, start_ns) as end_ns, main,
    null::bigint as duration_ns, null::bigint as billed_ns, null::bigint as init_ns,
    null::bigint as restore_ns, null::integer as memory_mb, null::integer as used_mb,
    null::varchar as status, null::varchar as error_type, null::uuid as trace_id,
    null::ubigint as resource_id
from spans_known
union all
select
    "key", other_id, function, version, environment_id, alias_id, kind,
    if(kind = 3, time_ns - coalesce(duration_ns, 0), time_ns), time_ns, null,
    duration_ns, billed_ns, init_ns, restore_ns, memory_mb, used_mb, status, error_type, trace_id,
    resource_id
from lines_known
