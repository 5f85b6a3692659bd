-- The newest traces by their first span within a slice of time, of those with a span that matches.
-- One row per trace: its id and the start of that first span. The slice is [$slice_ns, $before_ns);
-- matches may lie anywhere in [$slice_ns, $until_ns). Whether a trace has spans before the slice
-- is asked apart (traces_seen_before).
-- Attributes are searched by value first: a list of texts costs half of a list of pairs.
with matching as (
    select distinct trace_id
    from spans
    where start_ns >= $slice_ns and start_ns < $until_ns
      and ($function is null or function = $function)
      and ($status is distinct from 'error' or status_code = 2)
      and (
          $text is null
          or contains(lower(name), lower($text))
          or contains(lower(function), lower($text))
          or invocation_id = $text or message_id = $text or correlation_id = $text
          or span_id = $span_id
          or trace_id = $trace_id
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
)
select spans.trace_id, min(start_ns) as first_ns
from spans semi join matching on spans.trace_id = matching.trace_id
where start_ns >= $slice_ns and start_ns < $until_ns
group by spans.trace_id
having (min(start_ns), spans.trace_id) < ($before_ns, $before_trace_id)
   and ($status is distinct from 'ok' or count(*) filter (status_code = 2) = 0)
   and (
       $min_duration_ns is null
       or max(start_ns + greatest(coalesce(duration_ns, 0), 0)) - min(start_ns) >= $min_duration_ns
   )
order by first_ns desc, spans.trace_id desc
limit $limit
