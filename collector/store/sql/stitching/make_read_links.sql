-- The links of the spans of dirty traces.
create temp table read_links as
select distinct trace_id, span_id, linked_trace_id, linked_span_id, message_id, keys
from span_links
where export_seq > $since_seq and export_seq <= $up_to_seq
  and trace_id in (select trace_id from dirty_traces)
