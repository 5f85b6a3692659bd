-- The fragments of an event trace, and the others of the traces these lie in, for how far they reach.
with mine as (
    select trace_id
    from fragments
    where event_trace_id = $event_trace_id
)
select
    fragment_id, replace(trace_id::varchar, '-', '') as trace_id, part, start_ns, end_ns, function,
    coalesce(event_trace_id = $event_trace_id, false) as own
from fragments
where event_trace_id = $event_trace_id or trace_id in (select trace_id from mine)
order by start_ns, fragment_id
