-- What is stored of the touched invocations.
create temp table old_rows as
select *
from invocation_rows
where start_ns >= $from_ns and start_ns <= $to_ns
  and "key" in (select "key" from touched)
