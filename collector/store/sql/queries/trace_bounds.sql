-- When the spans of one trace began, first and last; of a trace without spans, its log records.
-- Nulls when neither arrived. The only scan of whole tables for a trace: the other questions
-- read no more than this range.
with spanned as (
    select min(start_ns) as first_ns, max(start_ns) as last_ns
    from spans
    where trace_id = $trace_id and start_ns >= $since_ns and start_ns < $until_ns
),
logged as (
    select min(time_ns) as first_ns, max(time_ns) as last_ns
    from log_records
    where trace_id = $trace_id and time_ns >= $since_ns and time_ns < $until_ns
)
select
    coalesce(spanned.first_ns, logged.first_ns) as first_ns,
    coalesce(spanned.last_ns, logged.last_ns) as last_ns
from spanned, logged
