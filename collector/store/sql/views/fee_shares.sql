-- One row per message of message_shares and thing of steps_told, with the event trace it was for: that
-- whose fragment named the execution first. event_trace_id null: nothing stitched tells whose it was.
create or replace macro fee_shares(since, before, step_ns, only_events) as table
with steps as materialized (select * from steps_told(since, before, step_ns)),
owners as (
    select
        keys."key" as execution_key,
        arg_min(event_trace_id, (keys.time_ns, fragment_id)) as event_trace_id
    from fragment_keys as keys join fragments using (fragment_id)
    where kind = 5 and keys."key" in (select execution_key from steps)
      and event_trace_id is not null
    group by keys."key"
)
select queue, event_trace_id, time_ns, sent, taken, batches, unsized, 0 as untold
from message_shares(since, before, step_ns, only_events)
union all by name
select queue, event_trace_id, time_ns, sent, taken, batches, unsized, untold
from steps left join owners using (execution_key)
where only_events::ubigint[] is null
   or event_trace_id in (select unnest(only_events::ubigint[]))
