-- The traces that got records.
create temp table dirty_traces as
select distinct trace_id
from (
    select trace_id from spans where export_seq > $after_seq and export_seq <= $up_to_seq
    union all
    select trace_id from log_records where export_seq > $after_seq and export_seq <= $up_to_seq
)
where trace_id is not null
