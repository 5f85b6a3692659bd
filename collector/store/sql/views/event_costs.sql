-- One row per event trace that has a part in what began in [since, before): its cost in 1e-12 USD, by
-- rates of functions at memory sizes in ranges of time, and by fees of queues. scaled: where telemetry
-- was sampled, also for those that were dropped.
create or replace macro event_costs(since, before, rates, fees, scaled) as table
with priced as (
    select unnest(rates::struct(
        function varchar, memory_mb integer, since_ns bigint, until_ns bigint, flex boolean,
        request_usd double, us_usd double, init_usd double
    )[], recursive := true)
),
charged as (
    select unnest(fees::struct(
        queue varchar, sent_usd double, taken_usd double, batch_usd double
    )[], recursive := true)
)
select event_trace_id, round(1e12 * sum(usd))::bigint as cost
from (
    select
        event_trace_id,
        share * if(scaled, weight, 1) * (
            request_usd + coalesce(if(flex, flex_us, exec_us), 0) * us_usd + init_us * init_usd
        ) as usd
    from event_shares(since, before, null) as shares
    join priced on priced.function = shares.function and priced.memory_mb = shares.memory_mb
        and shares.start_ns >= since_ns and shares.start_ns < until_ns
    union all
    select event_trace_id, sent * sent_usd + taken * taken_usd + batches * batch_usd
    from message_shares(since, before, 0, null) join charged using (queue)
)
where event_trace_id is not null
group by event_trace_id
