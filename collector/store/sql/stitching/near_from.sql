-- The oldest run that the near event traces have fragments of.
select coalesce(min(first_run), $default_seq)
from event_traces
where run > $floor_seq and event_trace_id in (select event_trace_id from near)
