-- The log records of these traces.
select
    read_traces.trace, time_ns, span_id, function, invocation_id, correlation_id, keys, export_seq,
    if(keys is null, 'cc', coalesce(
        list_filter(keys, lambda each: each[1] = 'f')[1][2:], 'cc'
    )) as family
from log_records
join read_traces using (trace_id)
where export_seq > $since_seq and export_seq <= $up_to_seq
