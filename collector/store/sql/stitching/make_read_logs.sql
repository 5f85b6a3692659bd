-- The log records of the dirty traces.
create temp table read_logs as
select
    trace_id, time_ns, span_id, function, invocation_id, correlation_id, keys, resource_id,
    export_seq,
    if(keys is null, 'cc', coalesce(
        list_filter(keys, lambda each: each[1] = 'f')[1][2:], 'cc'
    )) as family
from log_records
where export_seq > $since_seq and export_seq <= $up_to_seq
  and trace_id in (select trace_id from dirty_traces)
