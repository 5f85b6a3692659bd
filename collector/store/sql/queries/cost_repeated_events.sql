-- The event traces going on in the window that had retries or duplicates.
select event_trace_id
from event_traces
where (retry_count > 0 or duplicate_count > 0) and end_ns >= $since_ns and start_ns < $until_ns
order by event_trace_id
