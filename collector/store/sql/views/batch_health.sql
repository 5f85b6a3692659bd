-- One row per function of which something in [since, before) tells what it did with the messages of its
-- batches: how many it handed back although the invocation ended well, and what tells it: "messages"
-- (partial_batches) or "logs" (failed_items). Either may know of fewer than there were, so the
-- greater counts; they are never added up. batches: with such messages.
create or replace macro batch_health(since, before, only_function) as table
with told as (
    select
        function, sum(failed)::bigint as failed, count(*) filter (failed > 0) as batches,
        'messages' as evidence
    from partial_batches(since, before, only_function)
    group by function
    union all
    select function, sum(failed_items)::bigint, count(*) filter (failed_items > 0), 'logs'
    from invocation_rows
    where failed_items is not null and not spare and outcome = 'ok'
      and start_ns >= since and start_ns < before
      and (only_function::varchar is null or function = only_function)
    group by function
)
select
    function, max(failed) as failed, max_by(batches, (failed, evidence)) as batches,
    max_by(evidence, (failed, evidence)) as evidence
from told
group by function
