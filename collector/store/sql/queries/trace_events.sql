-- The events of one trace's spans, in order of time.
select distinct on (span_id, time_ns, name, attributes)
    format('{:016x}', span_id) as span_id, time_ns, name, attributes, attribute_types
from span_events
where trace_id = $trace_id and start_ns >= $first_ns and start_ns <= $last_ns
order by time_ns, span_id, name, attributes, export_seq
limit $limit
