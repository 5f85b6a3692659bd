-- The stored fragments of those event traces.
create temp table near_fragments as
select fragment_id, shared_id
from fragments
where run >= $near_from_seq
  and event_trace_id in (select event_trace_id from near)
  and fragment_id not in (select fragment_id from replaced)
