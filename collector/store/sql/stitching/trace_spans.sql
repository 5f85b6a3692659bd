-- The spans of the traces that the pure core cuts.
select
    replace(trace_id::varchar, '-', ''), format('{:016x}', span_id),
    format('{:016x}', parent_span_id), name, kind, start_ns, end_ns, failed, function, resource_id,
    invocation_id, cold_start, "trigger", destination, message_id, correlation_id, keys, export_seq
from read_spans
where trace_id in (select trace_id from slow_traces)
