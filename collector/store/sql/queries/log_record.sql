-- One log record found again: those of one time and one export, told apart by what they hold.
-- Records equal in all of it are the same to a reader; any of them is the answer.
select
    time_ns, severity, severity_text, body, body_type, event_name,
    replace(trace_id::varchar, '-', '') as trace_id, format('{:016x}', span_id) as span_id,
    log_records.function, resources.service, invocation_id, correlation_id,
    log_records.attributes, log_records.attribute_types,
    resources.attributes as resource_attributes, resources.attribute_types as resource_types,
    export_seq, md5(concat_ws(' ', span_id, invocation_id, body, log_records.attributes::varchar)) as digest
from log_records left join resources using (resource_id)
where time_ns = $time_ns and export_seq = $export_seq
  and starts_with(
      md5(concat_ws(' ', span_id, invocation_id, body, log_records.attributes::varchar)), $digest
  )
limit 1
