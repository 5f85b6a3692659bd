-- One row per queue that messages tell of in the window: queue_health where no metric tells of any.
select
    queue, null as provider, null as region, null as account_id,
    dead_letter_source(queue) is not null as is_dlq,
    nullif(dead_letter_source(queue), '') as source_queue,
    waiting as depth,
    ($until_ns - oldest_ns) / 1e9 as oldest_age_s,
    sent / (($until_ns - $since_ns) / 1e9) as in_rate,
    taken / (($until_ns - $since_ns) / 1e9) as out_rate,
    observed_ns,
    'messages' as evidence
from queue_messages($since_ns, $until_ns)
order by is_dlq desc, queue
limit $limit
