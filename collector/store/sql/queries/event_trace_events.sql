-- The events of the spans of several traces, in order of time, with their keys.
select distinct on (trace_id, span_id, time_ns, name, attributes)
    replace(trace_id::varchar, '-', '') as trace_id,
    format('{:016x}', span_id) as span_id, time_ns, name, attributes, attribute_types, keys
from span_events
where trace_id in (select unnest($trace_ids::uuid[]))
  and start_ns >= $first_ns and start_ns <= $last_ns
order by time_ns, trace_id, span_id, name, attributes, export_seq
limit $limit
