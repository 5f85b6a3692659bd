-- How many event traces that match began in each step of time, by how they ended.
select
    $since_ns + (start_ns - $since_ns) // $step_ns * $step_ns as step_ns,
    status,
    count(*) as event_count
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
group by all
order by all
