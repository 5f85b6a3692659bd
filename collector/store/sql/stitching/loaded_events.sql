-- The event traces the loaded fragments were in, oldest first.
select event_trace_id, created_seq, start_ns
from event_traces
where run >= $loaded_from_seq
  and event_trace_id in (
    select event_trace_id from near union all select event_trace_id from far
  )
order by created_seq, start_ns, event_trace_id
