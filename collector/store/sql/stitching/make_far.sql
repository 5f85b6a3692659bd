-- The event traces those keys lead to, beyond the near ones.
create temp table far as
select distinct event_trace_id
from fragments
where run >= $wider_from_seq
  and fragment_id in (select fragment_id from wider_members)
  and event_trace_id is not null
  and event_trace_id not in (select event_trace_id from near)
