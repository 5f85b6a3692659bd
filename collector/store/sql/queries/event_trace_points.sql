-- Starts and durations of event traces that match: at most $limit that failed and $limit that did
-- not, chosen by their ids, so that the same question gives the same points.
with matching as (
    select event_trace_id, start_ns, end_ns - start_ns as duration_ns, status, root_function
    from listed_event_traces
    where start_ns >= $since_ns and start_ns < $until_ns
      and ($functions::varchar[] is null or list_has_any(functions, $functions::varchar[]))
      and ($status::varchar is null or status = $status)
      and ($cold::boolean is null or (cold_start_count > 0) = $cold)
      and ($retried::boolean is null or (retry_count > 0) = $retried)
      and ($duplicate::boolean is null or (duplicate_count > 0) = $duplicate)
      and ($dead_lettered::boolean is null or (status = 'dead_lettered') = $dead_lettered)
      and ($min_duration_ns::bigint is null or end_ns - start_ns >= $min_duration_ns)
      and ($max_duration_ns::bigint is null or end_ns - start_ns <= $max_duration_ns)
      and ($min_wait_ns::bigint is null or queue_wait_ns >= $min_wait_ns)
      and ($correlation_id::varchar is null or list_contains(correlation_ids, $correlation_id))
      and ($shape_id::ubigint is null or shape_id = $shape_id)
      and ($ids::ubigint[] is null or event_trace_id in (select unnest($ids::ubigint[])))
      and (
          $text::varchar is null
          or contains(lower(array_to_string(path, ' ')), lower($text))
          or event_trace_id in (select unnest($text_ids::ubigint[]))
      )
),
failed as (
    select * from matching
    where status in ('error', 'dead_lettered')
    order by hash(event_trace_id)
    limit $limit
),
others as (
    select * from matching
    where status not in ('error', 'dead_lettered')
    order by hash(event_trace_id)
    limit $limit
)
select format('{:016x}', event_trace_id) as event_trace_id, start_ns, duration_ns, status, root_function
from (from failed union all from others)
order by start_ns, event_trace_id
