-- One row per destination of messages: what runs it, as spans say.
select destination, max(system) as system, max(region) as region, max(account_id) as account_id
from message_systems
group by destination
order by destination
