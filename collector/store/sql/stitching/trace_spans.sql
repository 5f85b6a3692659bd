-- The spans of the dirty traces; one that was sent twice is given twice.
select
    replace(trace_id::varchar, '-', '') as trace,
    format('{:016x}', span_id),
    format('{:016x}', parent_span_id),
    name,
    kind,
    start_ns,
    start_ns + greatest(duration_ns, 0),
    status_code = 2,
    function,
    resource_id,
    invocation_id,
    cold_start,
    "trigger",
    destination,
    message_id,
    correlation_id,
    keys,
    export_seq
from spans
where export_seq > $since_seq and export_seq <= $up_to_seq
  and trace_id in (select trace_id from dirty_traces)
