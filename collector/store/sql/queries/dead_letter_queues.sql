-- One row per dead-letter queue of which telemetry tells what feeds it.
select queue, source_queue, evidence
from dead_letter_queues
order by queue
limit $limit
