-- The traces that have a span of this id, the newest first.
with places as (select unnest($exports::bigint[]) as export_seq),
found as (
    select trace_id, start_ns from spans semi join places using (export_seq)
    where span_id = $span_id and export_seq <= $indexed_seq
    union all
    select trace_id, start_ns from spans
    where span_id = $span_id and export_seq > $indexed_seq
)
select
    replace(trace_id::varchar, '-', '') as trace_id,
    max(start_ns) as last_ns
from found
where start_ns >= $since_ns and start_ns < $until_ns
group by found.trace_id
order by last_ns desc, trace_id
limit $limit
