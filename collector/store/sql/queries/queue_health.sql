-- One row per queue that metrics or messages tell of in the window.
select
    queue, provider, region, account_id, is_dlq, source_queue,
    source_evidence, depth, oldest_age_s, in_rate,
    out_rate, observed_ns, evidence
from queue_health($since_ns, $until_ns)
order by is_dlq desc, queue
limit $limit
