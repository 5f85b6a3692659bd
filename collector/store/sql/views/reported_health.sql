-- One row per step of time and function that metrics tell of in [since, before); null = no metric of
-- the function told it. A step_ns of 0 is one step.
create or replace macro reported_health(since, before, step_ns, only_function) as table
with told as (
    select * from reported_amounts(since, before, step_ns, only_function)
),
named as (
    select
        function, time_ns, unnest(figures) as figure, amount, greatest,
        provider, platform, region, account_id, memory_mb, told_plan
    from told
    union all
    select
        function, time_ns, none, 0, null, provider, platform, region, account_id, null, null
    from told
    where none is not null
    union all
    select
        function, if(step_ns = 0, since, time_ns // step_ns * step_ns)::bigint, 'cold_starts', amount,
        null, null, null, null, null, null, null
    from logged_metrics
    where name = 'ColdStart' and time_ns >= since and time_ns < before
      and (only_function::varchar is null or function = only_function)
)
select
    function, time_ns,
    sum(amount) filter (figure = 'invocations') as invocations,
    sum(amount) filter (figure = 'errors') as errors,
    sum(amount) filter (figure = 'timeouts') as timeouts,
    sum(amount) filter (figure = 'out_of_memory') as out_of_memory,
    sum(amount) filter (figure = 'throttles') as throttles,
    sum(amount) filter (figure = 'cold_starts') as cold_starts,
    sum(amount) filter (figure = 'dropped') as async_events_dropped,
    sum(amount) filter (figure = 'failed_events') as failed_events,
    coalesce(
        sum(amount) filter (figure = 'duration_ms'),
        1000 * sum(amount) filter (figure = 'duration_s')
    ) as duration_ms,
    sum(amount) filter (figure = 'stepped_ns') as stepped_ns,
    sum(amount) filter (figure = 'mb_ms') as mb_ms,
    sum(amount) filter (figure = 'instance_s') as instance_s,
    max(greatest) filter (figure = 'concurrency') as max_concurrency,
    max(greatest) filter (figure = 'iterator_age_ms') as iterator_age_ms,
    max(greatest) filter (figure = 'async_event_age_ms') as async_event_age_ms,
    max(provider) as provider, max(platform) as platform, max(region) as region,
    max(account_id) as account_id, max(memory_mb) as memory_mb,
    max(told_plan) as told_plan
from named
group by function, time_ns
