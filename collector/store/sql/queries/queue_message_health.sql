-- One row per queue that messages tell of in the window: queue_health where no metric tells of any.
select
    queue, null as provider, null as region, null as account_id,
    known.queue is not null or dead_letter_source(queue) is not null as is_dlq,
    if(known.queue is null, nullif(dead_letter_source(queue), ''), known.source_queue)
        as source_queue,
    if(known.queue is null, if(dead_letter_source(queue) <> '', 'name', null), known.evidence)
        as source_evidence,
    waiting as depth,
    ($until_ns - oldest_ns) / 1e9 as oldest_age_s,
    sent / (($until_ns - $since_ns) / 1e9) as in_rate,
    taken / (($until_ns - $since_ns) / 1e9) as out_rate,
    observed_ns,
    'messages' as evidence
from queue_messages($since_ns, $until_ns) left join dead_letter_queues as known using (queue)
order by is_dlq desc, queue
limit $limit
