-- Their log records.
select
    replace(trace_id::varchar, '-', ''), time_ns, format('{:016x}', span_id), function,
    invocation_id, correlation_id, keys, export_seq
from read_logs
where trace_id in (select trace_id from slow_traces)
