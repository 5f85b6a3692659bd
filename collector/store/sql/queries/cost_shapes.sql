-- One row per flow shape, function, memory size, fate and period of prices: the shares of invocations
-- that began in the window, and how many event traces have one. shape_id null: of no event trace.
with shared as materialized (
    select * from billed_shares($since_ns, $until_ns, null, $bounds_ns, true)
),
listed as materialized (
    select event_trace_id, shape_id
    from listed_event_traces
    where event_trace_id in (select event_trace_id from shared)
),
counts as (
    select shape_id, count(*) as events, any_value(event_trace_id) as example
    from listed
    group by shape_id
),
paths as (
    select event_trace_id as example, path
    from event_traces
    where event_trace_id in (select example from counts)
),
summed as (
    select
        shape_id, function, memory_mb, unrated, fate, period,
        sum(requests) as requests, sum(exec_us) as exec_us, sum(flex_us) as flex_us,
        sum(init_us) as init_us, sum(untold) as untold, sum(scaled_count) as scaled
    from shared left join listed using (event_trace_id)
    group by all
)
select summed.*, path, events
from summed left join counts using (shape_id) left join paths using (example)
order by shape_id, function, memory_mb, unrated, fate, period
