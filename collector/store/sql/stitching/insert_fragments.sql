insert into fragments by name
select f.* exclude (made) replace (placed.event_trace_id as event_trace_id, $run as run)
from fragments_now as f join placed using (fragment_id)
