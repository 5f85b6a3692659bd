-- The state machines that were not known before, among the destinations that charge.
insert into message_systems by name
select
    machine as destination,
    if(express, 'aws_stepfunctions_express', 'aws_stepfunctions') as system,
    'aws' as provider, max(region) as region, max(account_id) as account_id,
    $up_to_seq::bigint as run
from new_steps
where machine not in (select destination from message_systems)
group by machine, express
