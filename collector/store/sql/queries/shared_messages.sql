-- One row per destination of messages, or state machine, and event trace, or flow shape: what it charges
-- for in the window. owner null: outside of all of them.
with fees as materialized (
    select * from fee_shares($since_ns, $until_ns, 0, $events)
    where $events::ubigint[] is null or event_trace_id in (select unnest($events::ubigint[]))
),
shapes as (
    select event_trace_id, shape_id
    from listed_event_traces
    where $each_shape and event_trace_id in (select event_trace_id from fees)
),
systems as (
    select
        destination as queue, max(system) as system, max(region) as region,
        max(account_id) as account_id
    from message_systems
    group by destination
)
select
    queue, if($each_shape, shape_id, event_trace_id) as owner,
    sum(sent)::double as sent, sum(taken)::double as taken, sum(batches)::double as batches,
    sum(unsized)::bigint as unsized, sum(untold)::bigint as untold,
    any_value(system) as system, any_value(region) as region, any_value(account_id) as account_id
from fees left join shapes using (event_trace_id) left join systems using (queue)
group by queue, owner
order by owner, queue
