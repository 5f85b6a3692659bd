-- One row per share of billed_shares that is of an event trace, with what it cost (USD) by rates of
-- functions at memory sizes in ranges of time.
create or replace macro priced_shares(since, before, bounds_ns, rates, scaled) as table
with priced as materialized (
    select unnest(rates::struct(
        function varchar, memory_mb integer, since_ns bigint, until_ns bigint, flex boolean,
        request_usd double, us_usd double, init_usd double, unrated_weight double
    )[], recursive := true)
)
select
    shares.*,
    if(unrated, unrated_weight, 1) * (
        requests / 1000 * request_usd + if(flex, flex_us, exec_us) * us_usd + init_us * init_usd
    ) as usd
from billed_shares(since, before, null, bounds_ns, scaled) as shares
join priced on priced.function = shares.function and priced.memory_mb = shares.memory_mb
    and shares.start_ns >= since_ns and shares.start_ns < until_ns
where event_trace_id is not null
