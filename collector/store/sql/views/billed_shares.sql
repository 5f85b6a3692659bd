-- One row per share of event_shares, with what it was billed for: requests in thousandths, times in
-- µs; and the period of prices it lies in, bounds_ns being when they change, in order. scaled: where
-- telemetry was sampled, also for those that were dropped.
create or replace macro billed_shares(since, before, only_events, bounds_ns, scaled) as table
select
    event_trace_id, function, memory_mb, fate, start_ns, scaled and not rated as unrated,
    if(
        len(bounds_ns::bigint[]) = 0, 0,
        len(list_filter(bounds_ns::bigint[], lambda each: each <= start_ns))
    ) as period,
    share * if(scaled, 1.0, 1 / weight) as part,
    part * round(1000 * weight) as requests,
    part * coalesce(round(exec_us * weight), 0) as exec_us,
    part * coalesce(round(flex_us * weight), 0) as flex_us,
    part * round(init_us * weight) as init_us,
    if(exec_us is null, part, 0) as untold,
    if(weight > 1, part, 0) as scaled_count
from event_shares(since, before, only_events)
