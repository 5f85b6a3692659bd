-- The one fragment of each other trace, as whole.py makes it.
create temp table plain_fragments as
with plain as (
    select * from read_spans where trace_id not in (select trace_id from slow_traces)
),
totals as (
    select
        trace_id,
        min(start_ns) as start_ns,
        max(greatest(start_ns, coalesce(end_ns, start_ns))) as end_ns,
        arg_min(function, rank) filter (function <> '') as function,
        coalesce(
            arg_min("trigger" in ('http', 'timer'), rank) filter ("trigger" <> ''),
            arg_min(
                kind = 2
                and regexp_matches(name, '^(GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS)( |$)'),
                rank
            ) filter (kind in (2, 5)),
            false
        ) as entry,
        coalesce(bool_or(failed and not has_parent), false) as failed,
        count(*) as span_count,
        count(*) filter (failed) as error_count,
        count(*) filter (
            (kind = 2 and coalesce(invocation_id, '') <> '')
            or (kind in (2, 5) and (not has_parent or elsewhere))
        ) as invocation_count,
        count(*) filter (cold_start) as cold_start_count,
        count(distinct parent_span_id) filter (lost_parent) as phantom_count,
        bool_or(end_ns is null) as unfinished,
        min(export_seq) as first_seq
    from plain
    group by trace_id
),
tenants as (
    select trace_id, if(min(value) = max(value), min(value), null) as tenant
    from read_keys
    where letter = 'n'
    group by trace_id
),
ids as (
    select trace_id, list_sort(list(distinct value))[1:8] as correlation_ids
    from mentions
    where kind = 8 and not worthless
    group by trace_id
)
select
    hash(replace(totals.trace_id::varchar, '-', '')) as fragment_id,
    totals.trace_id,
    null::ubigint as event_trace_id,
    0::utinyint as part,
    start_ns, end_ns,
    function, functions,
    coalesce(destinations, []) as destinations,
    entry, failed,
    tenant,
    null::ubigint as shared_id,
    coalesce(correlation_ids, []) as correlation_ids,
    span_count::integer as span_count,
    error_count::integer as error_count,
    invocation_count::integer as invocation_count,
    cold_start_count::integer as cold_start_count,
    phantom_count::integer as phantom_count,
    unfinished,
    0 as shared_by,
    least(first_seq, first_log_seq) as first_seq,
    null::bigint as run
from totals
left join plain_names using (trace_id)
left join tenants using (trace_id)
left join ids using (trace_id)
left join (
    select trace_id, min(export_seq) as first_log_seq from read_logs group by trace_id
) using (trace_id)
