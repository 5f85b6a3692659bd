insert into span_events by name select * from incoming
