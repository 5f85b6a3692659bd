-- The links of the spans of several traces, with the message id and the keys of each.
select distinct on (trace_id, span_id, linked_trace_id, linked_span_id, attributes)
    replace(trace_id::varchar, '-', '') as trace_id,
    format('{:016x}', span_id) as span_id,
    replace(linked_trace_id::varchar, '-', '') as linked_trace_id,
    format('{:016x}', linked_span_id) as linked_span_id,
    message_id, trace_state, attributes, attribute_types, keys
from span_links
where trace_id in (select unnest($trace_ids::uuid[]))
  and start_ns >= $first_ns and start_ns <= $last_ns
order by trace_id, span_id, linked_trace_id, linked_span_id, attributes, export_seq
limit $limit
