-- The links of the spans of dirty traces.
select distinct
    replace(trace_id::varchar, '-', ''),
    format('{:016x}', span_id),
    replace(linked_trace_id::varchar, '-', ''),
    format('{:016x}', linked_span_id),
    message_id,
    keys
from span_links
where export_seq > $since_seq and export_seq <= $up_to_seq
  and trace_id in (select trace_id from dirty_traces)
