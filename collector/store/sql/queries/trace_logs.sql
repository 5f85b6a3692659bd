-- The log records of one trace in order of time, sought within $reach_ns of its spans.
select
    time_ns, severity, severity_text, body, body_type, event_name,
    replace(trace_id::varchar, '-', '') as trace_id, format('{:016x}', span_id) as span_id,
    log_records.function, resources.service, invocation_id, correlation_id,
    log_records.attributes, log_records.attribute_types,
    resources.attributes as resource_attributes, resources.attribute_types as resource_types,
    export_seq, md5(concat_ws(' ', span_id, invocation_id, body, log_records.attributes::varchar)) as digest
from log_records left join resources using (resource_id)
where trace_id = $trace_id and time_ns >= $first_ns - $reach_ns and time_ns <= $last_ns + $reach_ns
order by time_ns, export_seq, log_records.rowid
limit $limit
