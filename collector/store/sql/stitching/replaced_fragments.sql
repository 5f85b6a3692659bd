select fragment_id, event_trace_id from replaced
