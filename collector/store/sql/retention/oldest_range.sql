-- The last of the oldest exports that make up one step, and the bytes received for them.
with oldest as (
    select export_seq, received_ns, bytes
    from exports
    where export_seq > (select deleted_seq from progress)
    order by export_seq
    limit 20000
),
running as (
    select *, sum(bytes) over (order by export_seq) - bytes as bytes_before
    from oldest
)
select max(export_seq), coalesce(sum(bytes), 0)::bigint
from running
where received_ns < $before_ns and bytes_before < $max_bytes
