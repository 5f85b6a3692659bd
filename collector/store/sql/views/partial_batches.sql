-- One row per batch of messages that an invocation in [since, before) took: how many there were, and
-- how many of them were handed back although the invocation ended well. Such a message has a span of
-- its own that failed; or it has none that ended, and the same function took it again within the hour
-- after, or it is seen as a dead letter, while another message of the batch was not (all of them may
-- be a batch that was delivered twice). A batch of which it is not known how it ended hands nothing back.
create or replace macro partial_batches(since, before, only_function) as table
with handled as (
    select fragment_id, event_trace_id, shared_id, function, trace_id, start_ns, failed
    from fragments
    where part = 1 and shared_id is not null and start_ns >= since and start_ns < before
      and (only_function::varchar is null or function = only_function)
),
suspect as (
    select fragment_id, function
    from handled
    where not failed and event_trace_id in (
        select event_trace_id
        from event_traces
        where retry_count > 0 and start_ns < before and end_ns >= since
    )
),
held as (
    select fragment_id, suspect.function, "key", kind, time_ns, outcome
    from fragment_keys join suspect using (fragment_id)
    where role = 2 and kind in (2, 3) and time_ns >= since and time_ns < before
),
again as (
    select distinct held.fragment_id
    from held join fragment_keys as later
        on later."key" = held."key" and later.kind = held.kind and later.role = 2
        and later.time_ns > held.time_ns and later.fragment_id <> held.fragment_id
        and (later.dead_letter or later.function = held.function)
    where later.time_ns >= since and later.time_ns < before + 3_600_000_000_000
      -- Kind 3 is a message, outcome 1 its span that ended well: taken again, it is a duplicate.
      and held.fragment_id not in (select fragment_id from held where kind = 3 and outcome = 1)
),
batches as (
    select
        shared_id, any_value(function) as function, any_value(trace_id) as trace_id,
        min(start_ns) as start_ns, count(*) as taken,
        count(*) filter (failed) as by_span,
        count(*) filter (not failed and again.fragment_id is not null) as taken_again
    from handled left join again using (fragment_id)
    group by shared_id
),
doubted as (
    select * from batches where by_span > 0 or taken_again > 0
),
ended as (
    select doubted.shared_id, bool_and(coalesce(outcome = 'ok', false)) as well
    from doubted join invocation_rows as rows
        on rows.trace_id = doubted.trace_id and rows.function = doubted.function and not spare
    group by doubted.shared_id
),
wholes as (
    -- Where no invocation is told of its trace: its first span came and did not fail.
    select fragment_id as shared_id, not failed and phantom_count = 0 as well
    from fragments
    where part = 2 and fragment_id in (select shared_id from doubted)
)
select
    batches.* exclude (by_span, taken_again, shared_id),
    if(
        coalesce(ended.well, wholes.well, false),
        by_span + if(by_span + taken_again < taken, taken_again, 0), 0
    ) as failed
from batches left join ended using (shared_id) left join wholes using (shared_id)
