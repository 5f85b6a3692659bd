-- One row per event trace of these, function, memory size, fate and period of prices: the shares of
-- invocations that began in the window. Not scaled up where telemetry was sampled.
select
    event_trace_id, function, memory_mb, fate, period,
    sum(requests) as requests, sum(exec_us) as exec_us, sum(flex_us) as flex_us,
    sum(init_us) as init_us, sum(untold) as untold, sum(scaled_count) as scaled
from billed_shares($since_ns, $until_ns, $events, $bounds_ns, false)
where event_trace_id in (select unnest($events::ubigint[]))
group by all
order by all
