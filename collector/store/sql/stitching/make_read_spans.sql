-- The spans of what is made anew, each with what its parent says. One that was sent twice is there
-- twice. The lambdas run only where there are keys.
create temp table read_spans as
with found as (
    select
        trace_id, span_id, parent_span_id, name, kind, start_ns,
        start_ns + greatest(duration_ns, 0) as end_ns,
        status_code = 2 as failed,
        function, resource_id, invocation_id, cold_start, "trigger", destination, message_id,
        correlation_id, keys, export_seq,
        if(keys is null, 'cc', coalesce(
            list_filter(keys, lambda each: each[1] = 'f')[1][2:], 'cc'
        )) as family,
        if(keys is null, null, list_max(list_transform(
            list_filter(keys, lambda each: regexp_full_match(each, 'r[0-9]{1,9}')),
            lambda each: each[2:]::bigint
        ))) as attempt
    from spans
    where export_seq > $since_seq and export_seq <= $up_to_seq
      and trace_id in (select trace_id from dirty_traces)
)
select
    found.*,
    parent.span_id is not null as has_parent,
    found.parent_span_id is not null
        and parent.span_id is null
        and found.parent_span_id <> found.span_id as lost_parent,
    found.function is distinct from parent.function
        and (found.resource_id is null or found.resource_id is distinct from parent.resource_id)
        as elsewhere,
    (
        case when found.parent_span_id is null then 0 when parent.span_id is null then 1 else 2 end,
        found.start_ns, found.kind not in (2, 5), found.span_id
    ) as rank,
    parent.span_id is not null
        and (parent.start_ns, parent.span_id) > (found.start_ns, found.span_id) as parent_later
from found
left join found as parent
    on parent.trace_id = found.trace_id
    and parent.span_id = found.parent_span_id
    and parent.span_id <> found.span_id
