-- The log records of several traces, and those that name no trace but one of these invocations, or
-- are found under one of these hashes (as the stitcher makes them); in order of time, with keys.
select
    time_ns, severity, severity_text, body, body_type, event_name,
    replace(trace_id::varchar, '-', '') as trace_id, format('{:016x}', span_id) as span_id,
    log_records.function, resources.service, invocation_id, correlation_id,
    log_records.attributes, log_records.attribute_types,
    resources.attributes as resource_attributes, resources.attribute_types as resource_types,
    export_seq, md5(concat_ws(' ', span_id, invocation_id, body, log_records.attributes::varchar)) as digest,
    log_records.keys
from log_records left join resources using (resource_id)
where time_ns >= $first_ns and time_ns <= $last_ns
  and (
      trace_id in (select unnest($trace_ids::uuid[]))
      or (
          trace_id is null
          and (
              invocation_id in (select unnest($invocation_ids::varchar[]))
              or hash('l:' || coalesce(
                  invocation_id, coalesce(log_records.function, '') || chr(10) || correlation_id
              )) in (select unnest($homes::ubigint[]))
          )
      )
  )
order by time_ns, export_seq, log_records.rowid
limit $limit
