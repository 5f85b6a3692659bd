-- One row per function of which messages or log lines tell what it handed back of its batches.
select function, failed, batches, evidence
from batch_health($since_ns, $until_ns, $function)
order by function
limit $limit
