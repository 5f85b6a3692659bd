-- The lettered keys of spans and log records of dirty traces, one a row.
create temp table read_keys as
select trace_id, text[1] as letter, text[2:] as value, time_ns, until_ns, function
from (
    select
        trace_id,
        start_ns as time_ns,
        greatest(start_ns, coalesce(end_ns, start_ns)) as until_ns,
        function, unnest(keys) as text
    from read_spans
    where keys is not null
    union all
    select trace_id, time_ns, time_ns, function, unnest(keys)
    from read_logs
    where keys is not null
)
