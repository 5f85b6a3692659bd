-- What the functions logged of the touched invocations.
create temp table said_lines as
select "key", time_ns, resource_id, cold, failed_items
from platform_lines
where kind = 6 and time_ns >= $from_ns and time_ns <= $to_ns
  and "key" in (select "key" from touched)
