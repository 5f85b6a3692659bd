insert into event_traces by name
select * replace (trace_ids::uuid[] as trace_ids) from event_rows
