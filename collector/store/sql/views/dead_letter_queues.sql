-- One row per dead-letter queue of which telemetry tells what feeds it: a redrive policy goes before
-- what dead letters say. source_queue null: several queues feed it.
create or replace view dead_letter_queues as
with each as (
    select queue, evidence, list_distinct(list(source_queue)) as sources
    from dead_letter_sources
    group by queue, evidence
)
select
    queue,
    if(len(max_by(sources, evidence)) = 1, max_by(sources, evidence)[1], null) as source_queue,
    max(evidence) as evidence
from each
group by queue
