-- The log records that name no trace, of the dirty invocations and values.
select
    dirty.home, logs.time_ns, logs.span_id, logs.function, logs.invocation_id,
    logs.correlation_id, logs.keys, logs.export_seq
from log_records as logs
join dirty_logs as dirty
    on logs.invocation_id is not distinct from dirty.invocation_id
    and (
        dirty.invocation_id is not null
        or (
            logs.function is not distinct from dirty.function
            and logs.correlation_id = dirty.correlation_id
        )
    )
where logs.export_seq > $since_seq and logs.export_seq <= $up_to_seq
  and logs.trace_id is null
