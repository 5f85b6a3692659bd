-- The log records that name no trace, of the dirty invocations and values; of_platform: what Lambda
-- says of an invocation by itself, in text or as JSON; failing: such a line says that the attempt it is
-- of failed (true) or that another one begins (false).
with loose as (
    select
        dirty.home, logs.time_ns, logs.span_id, logs.function, logs.invocation_id,
        logs.correlation_id, logs.keys, logs.export_seq, coalesce(logs.body, '') as body,
        regexp_matches(
            body,
            '^\s*(?:(?:START|END|REPORT)\s+RequestId:|RequestId:\s*\S+\s+Error:|(?:INIT|RESTORE)_(?:START|REPORT)\s'
            || '|\{\s*"(?:time|type)".*"platform\.|\S+\s+\S+\s+Task timed out after )'
        ) as of_platform
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
)
select
    * exclude (body),
    case
        when not of_platform then null
        when regexp_matches(
            body,
            '^\s*RequestId:|Task timed out after |^\s*REPORT\s.*\sStatus:\s*(?:timeout|error|failure)\b'
            || '|"platform\.(?:runtimeDone|report)".*"status"\s*:\s*"(?:timeout|error|failure)"'
        ) then true
        when regexp_matches(body, '^\s*START\s|"platform\.start"') then false
    end as failing
from loose
