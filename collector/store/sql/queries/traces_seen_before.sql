-- Which of some traces have a span in [$since_ns, $slice_ns): those belong to an older page.
select distinct trace_id
from spans
where start_ns >= $since_ns and start_ns < $slice_ns
  and trace_id in (select unnest($trace_ids))
