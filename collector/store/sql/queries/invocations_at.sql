-- One row per invocation of a function that is asked for by its key and start, with its event trace.
with found as (
    select *
    from invocations
    where function = $function
      and start_ns in (select unnest($starts_ns::bigint[]))
      and "key" in (select unnest($keys::uuid[]))
),
placed as (
    select trace_id, min(event_trace_id) as event_trace_id
    from fragments
    where trace_id in (select trace_id from found)
      and start_ns between $since_ns - 86_400_000_000_000 and $until_ns
    group by trace_id
)
select
    start_ns, "key",
    function, nullif(version, '') as version, invocation_id, environment, start_ns, duration_ns,
    billed_ns, init_ns, init_kind, init_evidence, memory_mb, used_mb, outcome, error_type, attempt,
    "trigger",
    replace(found.trace_id::varchar, '-', '') as trace_id,
    format('{:016x}', span_id) as span_id,
    format('{:016x}', event_trace_id) as event_trace_id
from found left join placed using (trace_id)
