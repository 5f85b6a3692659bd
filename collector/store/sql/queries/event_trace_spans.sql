-- The spans of several traces in order of time, with their keys; a span sent twice comes twice.
select
    replace(trace_id::varchar, '-', '') as trace_id,
    format('{:016x}', span_id) as span_id,
    format('{:016x}', parent_span_id) as parent_span_id,
    name, kind, start_ns, duration_ns, status_code, status_message,
    function, invocation_id, cold_start, trigger, correlation_id, destination, message_id,
    error_type, trace_state, flags, attributes, attribute_types, resource_id, scope_id,
    dropped_attributes_count, dropped_events_count, dropped_links_count, keys
from spans
where trace_id in (select unnest($trace_ids::uuid[]))
  and start_ns >= $first_ns and start_ns <= $last_ns
order by
    start_ns, duration_ns desc nulls last, status_code desc, name, trace_id, span_id, export_seq
limit $limit
