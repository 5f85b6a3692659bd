delete from event_traces
where run >= $from_seq and event_trace_id in (select event_trace_id from gone_events)
