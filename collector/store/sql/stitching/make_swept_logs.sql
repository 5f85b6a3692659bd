-- The same of log records that name no trace.
create temp table dirty_logs as
select distinct
    invocation_id,
    if(invocation_id is null, function, null) as function,
    if(invocation_id is null, correlation_id, null) as correlation_id,
    hash('l:' || coalesce(
        invocation_id, coalesce(function, '') || chr(10) || correlation_id
    )) as home
from log_records
where export_seq > $swept_seq
  and trace_id is null and (invocation_id is not null or correlation_id is not null)
  and home in (select "key" from swept where again and kind = 0)
