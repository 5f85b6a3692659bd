-- When the earliest event trace that ended dead-lettered through each queue began.
select queue, min(start_ns)
from (select unnest(queues) as queue, start_ns from dead_letters($since_ns, $until_ns))
group by queue
