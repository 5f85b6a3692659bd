-- The invocations that new telemetry tells of, and when.
create temp table touched as
select "key", min(at_ns) as first_ns, max(at_ns) as last_ns
from (
    select "key", start_ns as at_ns from new_spans
    union all
    select "key", time_ns - coalesce(duration_ns, 0) from new_facts
    union all
    select "key", time_ns from new_told
)
group by "key"
