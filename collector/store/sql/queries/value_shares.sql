-- The values event traces have of an attribute that cost the most in the window. One row per value,
-- with what it cost and how many event traces have it; and one per value and function, memory size,
-- fate and period of prices, or destination of messages, with their amounts. An event trace with
-- several values is shared over them. bounds_ns: when prices change, in order.
with told as materialized (
    select event_trace_id, value, share as part
    from event_values($since_ns, $until_ns, $attribute)
),
shares as materialized (
    select
        event_trace_id, function, memory_mb, unrated, fate, period, requests, exec_us, flex_us,
        init_us, untold, scaled_count, usd
    from priced_shares($since_ns, $until_ns, $bounds_ns, $rates, true)
    where event_trace_id in (select event_trace_id from told)
),
messages as materialized (
    select event_trace_id, queue, sent, taken, batches, unsized, untold, usd
    from priced_messages($since_ns, $until_ns, $fees)
    where event_trace_id in (select event_trace_id from told)
),
costs as (
    select event_trace_id, sum(usd) as usd
    from (
        select event_trace_id, sum(usd) as usd from shares group by event_trace_id
        union all
        select event_trace_id, sum(usd) from messages group by event_trace_id
    )
    group by event_trace_id
),
dearest as materialized (
    select value, sum(usd * part) as usd, count(*) as events
    from costs join told using (event_trace_id)
    group by value
    order by usd desc, value
    limit $limit
),
of_dearest as materialized (
    select * from told where value in (select value from dearest)
)
select value, usd, events from dearest
union all by name
select
    value, shares.function, memory_mb, unrated, fate, period,
    sum(of_dearest.part * requests) as requests, sum(of_dearest.part * exec_us) as exec_us,
    sum(of_dearest.part * flex_us) as flex_us, sum(of_dearest.part * init_us) as init_us,
    sum(of_dearest.part * untold) as untold, sum(of_dearest.part * scaled_count) as scaled
from shares join of_dearest using (event_trace_id)
group by value, shares.function, memory_mb, unrated, fate, period
union all by name
select
    value, queue, sum(of_dearest.part * sent) as sent, sum(of_dearest.part * taken) as taken,
    sum(of_dearest.part * batches) as batches, sum(unsized) as unsized, sum(untold) as untold
from messages join of_dearest using (event_trace_id)
group by value, queue
order by value, usd desc, function, queue, memory_mb, unrated, fate, period
