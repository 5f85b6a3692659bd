-- One row per event trace that ended dead-lettered and was going on in [since, before), with what
-- failed last and the queues it took its message from.
create or replace macro dead_letters(since, before) as table
with dead as (
    select event_trace_id, start_ns, end_ns, path, shape_id, root_function
    from event_traces
    where status = 'dead_lettered' and start_ns < before and end_ns >= since
),
last_failed as (
    select
        event_trace_id,
        arg_max(fragments.trace_id, fragments.start_ns) as trace_id,
        arg_max(fragments.function, fragments.start_ns) as function,
        arg_max(fragments.destinations, fragments.start_ns) as destinations,
        max(fragments.start_ns) as failed_ns
    from fragments
    where failed and event_trace_id in (select event_trace_id from dead)
    group by event_trace_id
)
select
    dead.*, last_failed.function, last_failed.trace_id,
    -- where nothing tells a failure, a message on the dead-letter queue does: it was by the end
    coalesce(failed_ns, end_ns) as failed_ns,
    -- where what failed last took its message from; the queues of the path where that is not told
    coalesce(
        nullif(destinations, []),
        list_transform(
            list_filter(path, lambda each: starts_with(each, '[')),
            lambda each: each[2:-2]
        )
    ) as queues
from dead left join last_failed using (event_trace_id)
