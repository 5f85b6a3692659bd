-- One row per event trace that has a part in what began in [since, before): its cost in 1e-12 USD, by
-- rates of functions at memory sizes in ranges of time, and by fees of queues. Not scaled up where
-- telemetry was sampled.
create or replace macro event_costs(since, before, rates, fees) as table
select event_trace_id, round(1e12 * sum(usd))::bigint as cost
from (
    select event_trace_id, sum(usd) as usd
    from priced_shares(since, before, []::bigint[], rates, false)
    group by event_trace_id
    union all
    select event_trace_id, sum(usd)
    from priced_messages(since, before, fees)
    group by event_trace_id
)
group by event_trace_id
