-- One row per event trace of these, function, memory size and period of prices: what the invocations of
-- its whole traces that began in the window were billed for, whatever became of them, not scaled up.
-- function null: an event trace of which more has to be asked, since a part of it is none.
with mine as materialized (
    select event_trace_id, trace_id, part
    from fragments
    where end_ns >= $since_ns - 900_000_000_000 and start_ns < $until_ns + 900_000_000_000
      and event_trace_id in (select unnest($events::ubigint[]))
)
select
    event_trace_id, function, memory_mb, 0 as fate,
    if(
        len($bounds_ns::bigint[]) = 0, 0,
        len(list_filter($bounds_ns::bigint[], lambda each: each <= start_ns))
    ) as period,
    sum(1000.0::double) as requests, sum(exec_us)::double as exec_us, sum(flex_us)::double as flex_us,
    sum(init_us)::double as init_us,
    count(*) filter (exec_us is null)::double as untold, count(*) filter (weight > 1)::double as scaled
from billed_rows('invocation_rows') join mine using (trace_id)
where start_ns >= $since_ns and start_ns < $until_ns and part = 0
group by all
union all by name
select distinct event_trace_id from mine where part <> 0
order by all
