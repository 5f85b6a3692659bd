-- The newest failed or the slowest invocations of a function, with the event trace of each.
with found as (
    select *
    from invocations
    where start_ns >= $since_ns and start_ns < $until_ns and function = $function
      and if(
          $failed, outcome in ('error', 'timeout', 'out_of_memory', 'throttled'),
          outcome is distinct from 'throttled'
      )
    order by if($failed, start_ns, duration_ns) desc nulls last, start_ns desc, "key"
    limit $limit
),
placed as (
    select trace_id, min(event_trace_id) as event_trace_id
    from fragments
    where trace_id in (select trace_id from found)
      and start_ns between $since_ns - 86_400_000_000_000 and $until_ns
    group by trace_id
)
select
    function, nullif(version, '') as version, invocation_id, environment, start_ns, duration_ns,
    billed_ns, init_ns, init_kind, init_evidence, memory_mb, used_mb, outcome, error_type, attempt,
    "trigger",
    replace(found.trace_id::varchar, '-', '') as trace_id,
    format('{:016x}', span_id) as span_id,
    format('{:016x}', event_trace_id) as event_trace_id
from found left join placed using (trace_id)
order by if($failed, start_ns, duration_ns) desc nulls last, start_ns desc, "key"
