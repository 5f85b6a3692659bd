-- The keys that events of these spans hold.
select replace(trace_id::varchar, '-', ''), format('{:016x}', span_id), "key"
from read_event_keys
where trace_id in (select trace_id from slow_traces)
