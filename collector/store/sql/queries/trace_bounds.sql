-- When the spans of one trace began, first and last; nulls when none arrived. The only scan of a
-- whole table for a trace: the other questions read no more than this range.
select min(start_ns) as first_ns, max(start_ns) as last_ns
from spans
where trace_id = $trace_id and start_ns >= $since_ns and start_ns < $until_ns
