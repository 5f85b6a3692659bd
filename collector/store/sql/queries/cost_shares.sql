-- One row per event trace, or per flow shape, and function, memory size, fate and step of prices: the
-- shares of invocations that began in the window. bounds_ns: when prices change, in order. Single
-- event traces are not scaled up where telemetry was sampled.
with shared as (
    select
        shares.*,
        len(list_filter($bounds_ns::bigint[], lambda each: each <= shares.start_ns)) as period,
        share * if($by_shape, 1.0, 1 / weight) as part
    from event_shares($since_ns, $until_ns, $events) as shares
    where $events::ubigint[] is null or event_trace_id in (select unnest($events::ubigint[]))
),
grouped as (
    select
        event_trace_id, function, memory_mb, fate, period,
        sum(part * round(1000 * weight)) as requests,
        sum(part * coalesce(round(exec_us * weight), 0)) as exec_us,
        sum(part * coalesce(round(flex_us * weight), 0)) as flex_us,
        sum(part * round(init_us * weight)) as init_us,
        sum(if(exec_us is null, part, 0)) as untold,
        sum(if(weight > 1, part, 0)) as scaled
    from shared
    group by all
),
counts as (
    select shape_id, count(distinct event_trace_id) as events
    from grouped join listed_event_traces using (event_trace_id)
    group by shape_id
)
select
    if($by_shape, null, grouped.event_trace_id) as event_trace_id,
    if($by_shape, event_traces.shape_id, null) as shape_id,
    any_value(path) as path,
    function, memory_mb, fate, period,
    sum(requests) as requests, sum(exec_us) as exec_us, sum(flex_us) as flex_us,
    sum(init_us) as init_us, sum(untold) as untold, sum(scaled) as scaled,
    any_value(counts.events) as events
from grouped
left join listed_event_traces as event_traces using (event_trace_id)
left join counts on counts.shape_id = event_traces.shape_id
group by all
order by all
