-- One row per message of billed_messages, with the event trace it was for. event_trace_id null: nothing
-- stitched tells whose it was.
create or replace macro message_shares(since, before, step_ns, only_events) as table
select messages.*, event_trace_id
from billed_messages(since, before, step_ns, only_events) as messages
join fragments using (fragment_id)
