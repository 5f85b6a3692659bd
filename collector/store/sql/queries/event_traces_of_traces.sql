-- The event traces that the given traces are part of: one row for each pair.
select distinct
    replace(trace_id::varchar, '-', '') as trace_id,
    format('{:016x}', event_trace_id) as event_trace_id
from fragments
where trace_id in (select unnest($trace_ids::uuid[])) and event_trace_id is not null
order by all
limit $limit
