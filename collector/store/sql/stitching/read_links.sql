-- The links of the spans of these traces, with the texts of the keys that they are.
select distinct
    read_traces.trace, span_id,
    replace(linked_trace_id::varchar, '-', '') as linked_trace,
    format('{:016x}', linked_span_id) as linked_span,
    linked_trace_id = read_traces.trace_id as within,
    message_id, keys
from span_links
join read_traces using (trace_id)
where export_seq > $since_seq and export_seq <= $up_to_seq
