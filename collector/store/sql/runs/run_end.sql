-- The last export of a run that reads about so many records, and when the first of them came.
with next as (
    select export_seq, received_ns, records, sum(records) over (order by export_seq) as total
    from exports
    where export_seq > $after_seq and export_seq <= $applied_seq
)
select
    coalesce(max(export_seq) filter (where total - records < $max_records), $applied_seq),
    coalesce(max(total) <= $max_records, true),
    min(received_ns)
from next
