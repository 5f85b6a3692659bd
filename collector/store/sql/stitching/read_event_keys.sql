-- The keys that events of these spans hold.
select distinct read_traces.trace, span_id, unnest(keys) as "key"
from span_events
join read_traces using (trace_id)
where export_seq > $since_seq and export_seq <= $up_to_seq and keys is not null
