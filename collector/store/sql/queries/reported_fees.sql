-- One row per destination and step of time (0: one): what it charges for in the window that metrics
-- alone tell. Of a queue of SQS that is known, polls that found nothing (sent: requests). Of a state
-- machine of which nothing else tells, of Express workflows (taken, batches) their executions and GB-s;
-- of others (sent) one transition an execution, which is what is known of them (untold).
with points as (
    select
        string_split(name, '/')[-1] as figure,
        text_of(points.attributes, 'Dimensions') as dimensions,
        coalesce(nullif(start_ns, 0), time_ns) as at_ns,
        max_by(sum, export_seq) as value, max_by(count, export_seq) as number,
        max(region) as region, max(account_id) as account_id
    from metric_points as points left join resources using (resource_id)
    where name in (
        'amazonaws.com/AWS/States/ExecutionsStarted',
        'amazonaws.com/AWS/States/ExpressExecutionBilledDuration',
        'amazonaws.com/AWS/States/ExpressExecutionBilledMemory',
        'amazonaws.com/AWS/SQS/NumberOfEmptyReceives'
    )
      and time_ns >= $since_ns - 3_600_000_000_000 and time_ns < $until_ns + 3_600_000_000_000
    group by figure, dimensions, at_ns
),
within as (
    select
        points.*, if($step_ns = 0, $since_ns, at_ns // $step_ns * $step_ns)::bigint as step,
        regexp_extract(dimensions, '"StateMachineArn": ?"([^"]+)"', 1) as machine,
        regexp_extract(dimensions, '"QueueName": ?"([^"]+)"', 1) as polled
    from points
    where at_ns >= $since_ns and at_ns < $until_ns
),
stepped as (
    select
        machine, step,
        coalesce(sum(value) filter (figure = 'ExecutionsStarted'), 0) as started,
        sum(value) filter (figure = 'ExpressExecutionBilledDuration') as billed_ms,
        sum(value) filter (figure = 'ExpressExecutionBilledMemory')
            / sum(number) filter (figure = 'ExpressExecutionBilledMemory') as memory_mb,
        max(region) as region, max(account_id) as account_id
    from within
    where machine <> '' and machine not in (
        select machine from workflow_events where time_ns >= $since_ns and time_ns < $until_ns
    )
    group by machine, step
),
kinds as (
    select machine, bool_or(billed_ms is not null) as express from stepped group by machine
),
queues as (
    select
        regexp_extract(destination, '[^/:]+$') as polled, min(destination) as queue,
        max(system) as system, max(region) as region, max(account_id) as account_id
    from message_systems
    where contains(system, 'sqs') or contains(destination, 'sqs')
    group by 1
    having count(distinct destination) = 1
)
select
    machine as queue, step as time_ns,
    if(express, 0, started)::double as sent,
    if(express, started, 0)::double as taken,
    coalesce(billed_ms / 1000 * coalesce(memory_mb, 64) / 1024, 0)::double as batches,
    if(express and memory_mb is null, started, 0)::bigint as unsized,
    if(express, 0, started)::bigint as untold,
    if(express, 'aws_stepfunctions_express', 'aws_stepfunctions') as system,
    region, account_id
from stepped join kinds using (machine)
where started > 0 or billed_ms > 0
union all by name
select
    queue, step as time_ns, sum(value)::double as sent, 0.0 as taken, 0.0 as batches,
    0 as unsized, 0 as untold, any_value(queues.system) as system,
    any_value(queues.region) as region, any_value(queues.account_id) as account_id
from within join queues using (polled)
where polled <> ''
group by queue, step
order by queue, time_ns
