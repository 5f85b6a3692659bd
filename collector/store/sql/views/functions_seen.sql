-- One row per function that any span, log record or metric point names, with when it was last seen.
create or replace view functions_seen as
select function, max(seen_ns) as last_seen_ns
from (
    select function, max(start_ns) as seen_ns from spans group by function
    union all
    select function, max(time_ns) from log_records group by function
    union all
    select function, max(time_ns) from metric_points group by function
)
where function is not null
group by function;
