-- The log records of dirty traces that say something of use.
select
    replace(trace_id::varchar, '-', ''),
    time_ns,
    format('{:016x}', span_id),
    function,
    invocation_id,
    correlation_id,
    keys,
    resource_id,
    min(export_seq)
from log_records
where export_seq > $since_seq and export_seq <= $up_to_seq
  and trace_id in (select trace_id from dirty_traces)
group by all
