-- The spans of what is made anew; one that was sent twice is there twice. The lambdas run only where
-- there are keys.
select
    read_traces.trace, span_id, parent_span_id, name, kind, start_ns,
    start_ns + greatest(duration_ns, 0) as end_ns,
    coalesce(status_code = 2, false) as failed,
    function, resource_id, invocation_id,
    coalesce(cold_start, false) as cold_start,
    "trigger", destination, message_id, correlation_id, keys, export_seq,
    if(keys is null, 'cc', coalesce(
        list_filter(keys, lambda each: each[1] = 'f')[1][2:], 'cc'
    )) as family,
    if(keys is null, null, list_max(list_transform(
        list_filter(keys, lambda each: regexp_full_match(each, 'r[0-9]{1,9}')),
        lambda each: each[2:]::bigint
    ))) as attempt
from spans
join read_traces using (trace_id)
where export_seq > $since_seq and export_seq <= $up_to_seq
