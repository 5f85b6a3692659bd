insert into workflow_events by name
select * exclude (region, account_id), $up_to_seq::bigint as run
from new_steps
