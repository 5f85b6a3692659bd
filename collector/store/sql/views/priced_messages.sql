-- One row per row of fee_shares that is of an event trace, with what it cost (USD) by fees of queues and state
-- machines.
create or replace macro priced_messages(since, before, fees) as table
with charged as materialized (
    select unnest(fees::struct(
        queue varchar, sent_usd double, taken_usd double, batch_usd double
    )[], recursive := true)
)
select
    messages.*, sent * sent_usd + taken * taken_usd + batches * batch_usd as usd
from fee_shares(since, before, 0, null) as messages join charged using (queue)
where event_trace_id is not null
