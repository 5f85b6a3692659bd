delete from event_traces where run <= $seq
