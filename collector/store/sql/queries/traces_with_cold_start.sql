-- Which of the traces given have a span, starting in [$since_ns, $until_ns), that was a cold start.
select distinct replace(trace_id::varchar, '-', '') as trace_id
from spans
where start_ns >= $since_ns and start_ns < $until_ns
  and cold_start
  and trace_id in (select unnest($trace_ids))
