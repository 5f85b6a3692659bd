-- One row per destination of messages, or state machine: what it charges for in the window, whoever it
-- was for.
with fees as (
    select queue, time_ns, sent, taken, batches, unsized, 0 as untold
    from billed_messages($since_ns, $until_ns, $step_ns, null)
    union all by name
    select queue, time_ns, sent, taken, batches, unsized, untold
    from steps_told($since_ns, $until_ns, $step_ns)
),
systems as (
    select
        destination as queue, max(system) as system, max(region) as region,
        max(account_id) as account_id
    from message_systems
    group by destination
)
select
    queue, time_ns,
    sum(sent)::double as sent, sum(taken)::double as taken, sum(batches)::double as batches,
    sum(unsized)::bigint as unsized, sum(untold)::bigint as untold,
    any_value(system) as system, any_value(region) as region, any_value(account_id) as account_id
from fees left join systems using (queue)
group by queue, time_ns
order by queue, time_ns
