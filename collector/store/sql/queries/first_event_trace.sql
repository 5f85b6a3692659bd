-- When the oldest event trace kept began; null when there is none.
select min(start_ns) from event_traces
