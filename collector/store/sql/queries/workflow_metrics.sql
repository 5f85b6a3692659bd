-- One row per state machine of which CloudWatch alone tells, and step of time (0: one): what it charges
-- for in the window. taken and batches: of Express workflows, their executions and GB-s; sent: of
-- others one transition an execution, which is what is known of them (untold).
with points as (
    select
        regexp_extract(text_of(points.attributes, 'Dimensions'), '"StateMachineArn": ?"([^"]+)"', 1)
            as queue,
        string_split(name, '/')[-1] as figure,
        coalesce(nullif(start_ns, 0), time_ns) as at_ns,
        max_by(sum, export_seq) as value, max_by(count, export_seq) as number,
        max(region) as region, max(account_id) as account_id
    from metric_points as points left join resources using (resource_id)
    where name in (
        'amazonaws.com/AWS/States/ExecutionsStarted',
        'amazonaws.com/AWS/States/ExpressExecutionBilledDuration',
        'amazonaws.com/AWS/States/ExpressExecutionBilledMemory'
    )
      and time_ns >= $since_ns - 3_600_000_000_000 and time_ns < $until_ns + 3_600_000_000_000
    group by queue, figure, at_ns
),
stepped as (
    select
        queue,
        if($step_ns = 0, $since_ns, at_ns // $step_ns * $step_ns)::bigint as time_ns,
        coalesce(sum(value) filter (figure = 'ExecutionsStarted'), 0) as started,
        sum(value) filter (figure = 'ExpressExecutionBilledDuration') as billed_ms,
        sum(value) filter (figure = 'ExpressExecutionBilledMemory')
            / sum(number) filter (figure = 'ExpressExecutionBilledMemory') as memory_mb,
        max(region) as region, max(account_id) as account_id
    from points
    where at_ns >= $since_ns and at_ns < $until_ns
      and queue not in (
          select machine from workflow_events where time_ns >= $since_ns and time_ns < $until_ns
      )
    group by 1, 2
),
kinds as (
    select queue, bool_or(billed_ms is not null) as express from stepped group by queue
)
select
    queue, time_ns,
    if(express, 0, started)::double as sent,
    if(express, started, 0)::double as taken,
    coalesce(billed_ms / 1000 * coalesce(memory_mb, 64) / 1024, 0)::double as batches,
    if(express and memory_mb is null, started, 0)::bigint as unsized,
    if(express, 0, started)::bigint as untold,
    if(express, 'aws_stepfunctions_express', 'aws_stepfunctions') as system,
    region, account_id
from stepped join kinds using (queue)
where started > 0 or billed_ms > 0
order by queue, time_ns
