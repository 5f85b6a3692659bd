-- One row per thing that AWS Step Functions charges for in [since, before), with the step of time (0:
-- one): a state entered and a further attempt at its task (sent: transitions), an execution of an
-- Express workflow (taken: requests; batches: GB-s, at the least memory there is: unsized). untold: 1 for an
-- execution of which the log tells no transitions: as many as invocations carry its id, less the one
-- that may have started it, one at least.
create or replace macro steps_told(since, before, step_ns) as table
with known as materialized (
    select machine, execution_key, express, kind, event_id, previous_id, min(time_ns) as time_ns
    from workflow_events
    where time_ns >= since - 3_600_000_000_000 and time_ns < before + 3_600_000_000_000
    group by all
),
entered as (
    select execution_key, event_id as previous_id from known where kind = 1
),
transitions as (
    select machine, execution_key, time_ns from known where kind = 1 and not express
    union all
    select machine, execution_key, time_ns
    from known anti join entered using (execution_key, previous_id)
    where kind = 2 and not express
),
ends as (
    select execution_key, min(time_ns) as end_ns from known where kind = 4 group by execution_key
),
charged as (
    select machine, execution_key, time_ns, 1.0 as sent, 0.0 as taken, 0.0 as batches, 0 as unsized,
        0 as untold
    from transitions
    union all
    select
        machine, execution_key, time_ns, 0, 1,
        coalesce((end_ns - time_ns + 99_999_999) // 100_000_000, 1) / 10 / 16,
        1, (end_ns is null)::integer
    from known left join ends using (execution_key)
    where express and kind = 3
    union all
    select
        machine, execution_key, min(time_ns),
        if(express, 0, greatest(1, count(*) - 1)), if(express, 1, 0), if(express, 1 / 160, 0),
        express::integer, 1
    from known
    where kind = 9
      and execution_key not in (select execution_key from known where kind in (1, 3))
    group by machine, execution_key, express
)
select
    execution_key, machine as queue,
    if(step_ns = 0, since, time_ns // step_ns * step_ns)::bigint as time_ns,
    sent::double as sent, taken::double as taken, batches::double as batches, unsized, untold
from charged
where time_ns >= since and time_ns < before
