-- The log records of several traces, and those that name no trace but one of these invocations, or
-- lie in one of these stretches of a function; in order of time, with their keys.
with places as (
    select unnest($places::struct(function varchar, first_ns bigint, last_ns bigint)[]) as place
)
select
    time_ns, severity, severity_text, body, body_type, event_name,
    replace(trace_id::varchar, '-', '') as trace_id, format('{:016x}', span_id) as span_id,
    log_records.function, resources.service, invocation_id, correlation_id,
    log_records.attributes, log_records.attribute_types,
    resources.attributes as resource_attributes, resources.attribute_types as resource_types,
    export_seq, md5(concat_ws(' ', span_id, invocation_id, body, log_records.attributes::varchar)) as digest,
    log_records.keys, resource_id, scope_id
from log_records left join resources using (resource_id)
where time_ns >= $first_ns and time_ns <= $last_ns
  and (
      trace_id in (select unnest($trace_ids::uuid[]))
      or (trace_id is null and invocation_id in (select unnest($invocation_ids::varchar[])))
      or (trace_id is null and exists (
          select 1 from places
          where place.function is not distinct from log_records.function
            and time_ns between place.first_ns and place.last_ns
      ))
  )
order by time_ns, export_seq, log_records.rowid
limit $limit
