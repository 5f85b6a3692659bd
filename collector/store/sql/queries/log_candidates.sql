-- The newest log records of one slice of time that match, at or before a place in that order.
-- Records of one time and one export keep their order of arrival; $skip of them were given before.
-- Attributes are searched by value first: a list of texts costs half of a list of pairs.
select
    time_ns, severity, severity_text, body, body_type, event_name,
    replace(trace_id::varchar, '-', '') as trace_id, format('{:016x}', span_id) as span_id,
    found.function, resources.service, invocation_id, correlation_id,
    found.attributes, found.attribute_types,
    resources.attributes as resource_attributes, resources.attribute_types as resource_types,
    export_seq, md5(concat_ws(' ', span_id, invocation_id, body, found.attributes::varchar)) as digest
from (
    select *, rowid as place
    from log_records
    where time_ns >= $slice_ns and time_ns <= $before_ns and time_ns < $until_ns
      and (time_ns < $before_ns or export_seq <= $before_seq)
      and ($function is null or function = $function)
      and (
          coalesce(severity, 0) >= $least_severity
          or (coalesce(severity, 0) = 0 and regexp_matches(body, $unset_pattern))
      )
      and ($trace_id is null or trace_id = $trace_id)
      and (
          $text is null
          or contains(lower(body), lower($text))
          or invocation_id = $text or correlation_id = $text or event_name = $text
          or span_id = $span_id
          or trace_id = $text_trace_id
      )
      and (
          $keys[1] is null
          or (
              list_contains(list_transform(attributes, lambda item: item.value), $values[1])
              and list_contains(attributes, {'key': $keys[1], 'value': $values[1]})
          )
          or resource_id in (
              select resource_id from resources
              where list_contains(attributes, {'key': $keys[1], 'value': $values[1]})
          )
      )
      and (
          $keys[2] is null
          or (
              list_contains(list_transform(attributes, lambda item: item.value), $values[2])
              and list_contains(attributes, {'key': $keys[2], 'value': $values[2]})
          )
          or resource_id in (
              select resource_id from resources
              where list_contains(attributes, {'key': $keys[2], 'value': $values[2]})
          )
      )
      and (
          $keys[3] is null
          or (
              list_contains(list_transform(attributes, lambda item: item.value), $values[3])
              and list_contains(attributes, {'key': $keys[3], 'value': $values[3]})
          )
          or resource_id in (
              select resource_id from resources
              where list_contains(attributes, {'key': $keys[3], 'value': $values[3]})
          )
      )
      and (
          $keys[4] is null
          or (
              list_contains(list_transform(attributes, lambda item: item.value), $values[4])
              and list_contains(attributes, {'key': $keys[4], 'value': $values[4]})
          )
          or resource_id in (
              select resource_id from resources
              where list_contains(attributes, {'key': $keys[4], 'value': $values[4]})
          )
      )
    order by time_ns desc, export_seq desc, rowid desc
    limit $limit offset $skip
) as found
left join resources using (resource_id)
order by time_ns desc, export_seq desc, place desc
