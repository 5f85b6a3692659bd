-- One row per queue that metrics or messages tell of in [since, before), from metrics where both do.
-- Depth and age are those last told. Rates are per second; what the platform moves into a dead-letter
-- queue counts as sent nowhere, so the rate into one of SQS is unknown.
create or replace macro queue_health(since, before) as table
with reported as (
    select
        queue,
        max(provider) as provider, max(region) as region, max(account_id) as account_id,
        max_by(amount, at_ns) filter (figure = 'depth') as depth,
        max_by(amount, at_ns) filter (figure = 'age_s') as oldest_age_s,
        min(at_ns) filter (figure = 'depth' and amount > 0) as first_filled_ns,
        max(at_ns) filter (figure = 'depth' and amount = 0) as last_empty_ns,
        sum(amount) filter (figure = 'sent') as sent,
        sum(amount) filter (figure = 'taken') as taken,
        max(observed_ns) filter (figure in ('depth', 'age_s')) as observed_ns
    from queue_reports(since, before)
    group by queue
),
told as (
    select
        coalesce(reported.queue, messages.queue) as queue, reported.* exclude (queue),
        messages.sent as messages_sent, messages.taken as messages_taken, waiting,
        oldest_ns, messages.observed_ns as messages_observed_ns,
        reported.queue is not null as by_metrics,
        dead_letter_source(coalesce(reported.queue, messages.queue)) as named_source
    from reported full join queue_messages(since, before) as messages
        on reported.queue = messages.queue
)
select
    queue, provider, region, account_id,
    known.queue is not null or named_source is not null as is_dlq,
    if(known.queue is null, nullif(named_source, ''), known.source_queue) as source_queue,
    if(known.queue is null, if(named_source <> '', 'name', null), known.evidence) as source_evidence,
    if(by_metrics, depth, waiting) as depth,
    if(by_metrics,
        coalesce(
            oldest_age_s,
            -- without a metric of age: since it has not been empty, as far as it was watched
            if(provider = 'azure' and depth > 0 and last_empty_ns is not null,
                (before - last_empty_ns) / 1e9, null)
        ),
        (before - oldest_ns) / 1e9
    ) as oldest_age_s,
    if(by_metrics,
        if(not is_dlq or provider <> 'aws', sent, null), messages_sent
    ) / ((before - since) / 1e9) as in_rate,
    if(by_metrics, taken, messages_taken) / ((before - since) / 1e9) as out_rate,
    if(by_metrics, observed_ns, messages_observed_ns) as observed_ns,
    if(by_metrics, 'metrics', 'messages') as evidence
from told left join dead_letter_queues as known using (queue)
