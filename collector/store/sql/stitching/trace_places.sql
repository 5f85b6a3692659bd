-- Where these traces ran.
select replace(trace_id::varchar, '-', ''), account, environment
from read_places
where trace_id in (select trace_id from slow_traces)
