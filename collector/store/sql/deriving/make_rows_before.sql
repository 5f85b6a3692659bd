-- The invocations whose figures may change, as they were.
create temp table rows_before as
select * from old_rows
union all
select invocation_rows.*
from invocation_rows semi join changing using ("key")
where start_ns >= $from_ns and start_ns <= $to_ns
