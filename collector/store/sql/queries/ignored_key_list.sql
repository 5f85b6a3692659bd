-- Keys that joined nothing and were seen in the window, of each reason the $limit that most hold,
-- with the number of all that share the reason. Values that say
-- nothing ($worthless words, one character repeated) are never made keys: they are counted here, by
-- the traces or records that carry them.
with named as (
    select correlation_id as value, coalesce(trace_id::varchar, span_id::varchar) as holder, start_ns as seen_ns
    from spans
    where start_ns >= $since_ns and start_ns < $until_ns and correlation_id is not null
    union all
    select correlation_id, coalesce(trace_id::varchar, invocation_id, time_ns::varchar), time_ns
    from log_records
    where time_ns >= $since_ns and time_ns < $until_ns and correlation_id is not null
),
worthless as (
    select value, holder, seen_ns
    from named
    where list_contains($worthless::varchar[], lower(value))
       or trim(replace(replace(value, '-', ''), '.', ''), left(replace(value, '-', ''), 1)) = ''
)
select kind, value, reason, fragment_count, first_ns, last_ns, count(*) over (partition by reason) as alike_count
from (
    select kind, value, reason, fragment_count, first_ns, last_ns
    from ignored_keys
    where last_ns >= $since_ns and first_ns < $until_ns
    union all
    select $correlation, value, 'worthless', count(distinct holder), min(seen_ns), max(seen_ns)
    from worthless
    group by value
)
qualify row_number() over (partition by reason order by fragment_count desc, kind, value) <= $limit
order by fragment_count desc, kind, value
