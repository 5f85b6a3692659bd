-- The event traces that the given traces are part of: one row for each pair. Found by the key that
-- every fragment of a trace owns.
with wanted as (select hash(text) as "key" from (select unnest($texts::varchar[]) as text)),
places as (select unnest($runs::bigint[]) as run),
owned as (
    select fragment_id, run
    from fragment_keys semi join wanted using ("key") semi join places using (run)
    where run <= $indexed_seq and role = 3
    union all
    select fragment_id, run
    from fragment_keys semi join wanted using ("key")
    where run > $indexed_seq and role = 3
)
select distinct
    replace(trace_id::varchar, '-', '') as trace_id,
    format('{:016x}', event_trace_id) as event_trace_id
from fragments join owned using (fragment_id, run)
where event_trace_id is not null
order by all
limit $limit
