-- Which of these invocations have a span, in any event trace, near in time.
select distinct invocation_id
from spans
where start_ns >= $first_ns and start_ns <= $last_ns
  and invocation_id in (select unnest($invocation_ids::varchar[]))
