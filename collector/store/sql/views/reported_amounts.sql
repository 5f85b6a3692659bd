-- One row per function, figure and time that metrics tell of in [since, before): amounts add up over
-- time, levels do not. Figures: invocations, errors, timeouts, out_of_memory, throttles, cold_starts, dropped,
-- failed_events, duration_ms, duration_s, stepped_ns (in steps of 100 ms), mb_ms, instance_s, concurrency,
-- iterator_age_ms, async_event_age_ms.
create or replace macro reported_amounts(since, before) as table
with stepped as (
    select
        *,
        case
            -- A gauge of pods: those that came where there were none held up who waited for them.
            when name = 'kn.revision.pods.count' then if(lag(value) over stream = 0, value, 0)
            when temporality is distinct from 2 then value
            when lag(value) over stream is null
                -- A stream that begins with its first point says nothing of what was before.
                then if(start_ns >= since and start_ns < at_ns, value, null)
            when lag(start_ns) over stream is distinct from start_ns or value < lag(value) over stream
                then value
            else value - lag(value) over stream
        end as amount
    from reported_points(since, before)
    window stream as (partition by name, stream order by at_ns)
),
named as (
    select
        function, name, at_ns, amount, greatest, value,
        provider, platform, region, account_id, memory_mb,
        case
            when name = 'amazonaws.com/AWS/Lambda/Invocations' then ['invocations']
            when name = 'amazonaws.com/AWS/Lambda/Errors' then ['errors']
            when name = 'amazonaws.com/AWS/Lambda/Duration' then ['duration_ms']
            when name = 'faas.invoke_duration' then ['duration_s']
            when name = 'cloudfunctions.googleapis.com/function/execution_times' then ['stepped_ns']
            when name = 'run.googleapis.com/container/billable_instance_time' then ['instance_s']
            when name in (
                'azure_functionexecutionunits_total', 'azure_ondemandfunctionexecutionunits_total'
            ) then ['mb_ms']
            when name = 'amazonaws.com/AWS/Lambda/Throttles' then ['throttles']
            when name = 'amazonaws.com/AWS/Lambda/AsyncEventsDropped' then ['dropped']
            when name = 'amazonaws.com/AWS/Lambda/FailedInvokeEventCount' then ['failed_events']
            when name = 'amazonaws.com/AWS/Lambda/ConcurrentExecutions' then ['concurrency']
            when name = 'amazonaws.com/AWS/Lambda/IteratorAge' then ['iterator_age_ms']
            when name = 'amazonaws.com/AWS/Lambda/AsyncEventAge' then ['async_event_age_ms']
            when name = 'faas.invocations' then ['invocations']
            when name = 'faas.errors' then ['invocations', 'errors']
            when name = 'faas.timeouts' then ['invocations', 'errors', 'timeouts']
            when name = 'faas.coldstarts' then ['cold_starts']
            when name = 'cloudfunctions.googleapis.com/function/execution_count' then case
                when status = 'ok' then ['invocations']
                when status = 'out of quota' then ['throttles']
                when status = 'timeout' then ['invocations', 'errors', 'timeouts']
                when status = 'out of memory' then ['invocations', 'errors', 'out_of_memory']
                else ['invocations', 'errors']
            end
            when name = 'kn.revision.pods.count' then ['cold_starts']
            when name = 'run.googleapis.com/request_count' then case
                when code = '429' then ['throttles']
                when code like '5%' then ['invocations', 'errors']
                else ['invocations']
            end
            when name = 'run.googleapis.com/container/startup_latencies' then ['cold_starts']
            when name in ('kn.serving.invocation.duration', 'gateway_function_invocation_total')
                then if(code like '5%', ['invocations', 'errors'], ['invocations'])
            when name in (
                'azure_functionexecutioncount_total', 'azure_ondemandfunctionexecutioncount_total'
            ) then ['invocations']
        end as figures
    from stepped
    where at_ns >= since and at_ns < before
)
select
    function, figure, at_ns,
    if(figure in ('concurrency', 'iterator_age_ms', 'async_event_age_ms'), max(greatest),
        sum(amount)) as amount,
    max(provider) as provider, max(platform) as platform, max(region) as region,
    max(account_id) as account_id, max(memory_mb) as memory_mb,
    max(told_plan) as told_plan
from (
    select
        function, at_ns, amount, greatest, provider, platform, region, account_id, memory_mb,
        -- Google's functions of the 2nd generation report as services of Cloud Run; Azure's plan Flex
        -- has metrics of its own.
        case
            when starts_with(name, 'cloudfunctions.') then '1st-gen'
            when starts_with(name, 'azure_ondemand') then 'flex'
        end as told_plan,
        unnest(figures) as figure
    from named
    union all
    -- Cloud Run counts the requests it turned away among all others: none is zero.
    select function, at_ns, 0, null, provider, platform, region, account_id, null, null,
        'throttles'
    from named
    where name = 'run.googleapis.com/request_count'
    union all
    -- A source whose messages were handed to the function: that none failed is zero, not untold.
    select function, at_ns, 0, null, provider, platform, region, account_id, null, null,
        'failed_events'
    from named
    where name = 'amazonaws.com/AWS/Lambda/InvokedEventCount'
    union all
    select function, time_ns, amount, null, null, null, null, null, null, null, 'cold_starts'
    from logged_metrics
    where name = 'ColdStart' and time_ns >= since and time_ns < before
)
group by function, figure, at_ns
