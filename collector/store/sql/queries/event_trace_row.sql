-- The event trace that holds a fragment now. An id an event trace ever had is that of a fragment, or,
-- where late data cut that fragment anew, its own.
select event_traces.*
from event_traces
where event_trace_id = $id or event_trace_id in (
    select event_trace_id from fragments where fragment_id = $id and event_trace_id is not null
)
limit 1
