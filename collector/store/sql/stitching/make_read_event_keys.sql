-- The keys that events of these spans hold.
create temp table read_event_keys as
select distinct trace_id, span_id, unnest(keys) as "key"
from span_events
where export_seq > $since_seq and export_seq <= $up_to_seq
  and keys is not null
  and trace_id in (select trace_id from dirty_traces)
