-- The new lines of the platform that tell of an invocation or of an environment, as text of Lambda,
-- of its log shippers, or as its JSON events. Fields are found by label, in any order.
create temp table new_lines as
with candidates as (
    select
        time_ns, body, function, invocation_id, resource_id,
        if(
            starts_with(ltrim(body), '{') and contains(body, '"platform.') and json_valid(body),
            body, null
        ) as event
    from log_records
    where export_seq > $after_seq and export_seq <= $up_to_seq
      and (
          contains(body, 'RequestId: ') or contains(body, 'INIT_') or contains(body, 'RESTORE_')
          or contains(body, '"platform.') or contains(body, 'Task timed out after ')
      )
),
named as (
    select
        *,
        case
            when event is not null then json_extract_string(event, '$.type')
            when starts_with(ltrim(body), '{') then null
            when regexp_matches(body, 'REPORT\s+RequestId:') then 'platform.report'
            when regexp_matches(body, 'START\s+RequestId:') then 'platform.start'
            when regexp_matches(body, 'END\s+RequestId:') then 'platform.runtimeDone'
            when regexp_matches(body, '\bINIT_START\s+Runtime') then 'platform.initStart'
            when regexp_matches(body, '\bINIT_REPORT\s+Init') then 'platform.initReport'
            when regexp_matches(body, '\bRESTORE_START\s') then 'platform.restoreStart'
            when regexp_matches(body, '\bRESTORE_REPORT\s') then 'platform.restoreReport'
            when contains(body, 'Task timed out after ') then 'timed out'
            when regexp_matches(body, 'RequestId:\s*\S+\s+Error:') then 'crashed'
        end as type
    from candidates
)
select
    type, time_ns, named.function, named.resource_id,
    lower(coalesce(
        json_extract_string(event, '$.record.requestId'),
        nullif(regexp_extract(body, 'RequestId:\s*([0-9A-Za-z-]+)', 1), ''),
        nullif(regexp_extract(body, '([0-9a-f-]{36}) Task timed out', 1), ''),
        named.invocation_id
    )) as invocation_id,
    environment_of(instance) as environment_id,
    alias_of(instance) as alias_id,
    instance,
    coalesce(
        json_extract_string(event, '$.record.version'),
        json_extract_string(event, '$.record.functionVersion'),
        if(event is null, nullif(regexp_extract(body, '\sVersion:\s*(\d+|\$LATEST)\b', 1), ''), null),
        resources.version
    ) as version,
    ms_of(event, '$.record.metrics.durationMs', body,
        '(?:RequestId:\s*\S+|ms|MB|Status:\s*\w+)\s+Duration:\s*([0-9.]+)') as duration_ns,
    ms_of(event, '$.record.metrics.billedDurationMs', body,
        'Billed Duration:\s*([0-9.]+)') as billed_ns,
    ms_of(event, '$.record.metrics.initDurationMs', body, 'Init Duration:\s*([0-9.]+)') as init_ns,
    ms_of(event, '$.record.metrics.restoreDurationMs', body,
        '(?:\s|^)Restore Duration:\s*([0-9.]+)') as restore_ns,
    whole_of(event, '$.record.metrics.memorySizeMB', body, 'Memory Size:\s*(\d+)') as memory_mb,
    whole_of(event, '$.record.metrics.maxMemoryUsedMB', body,
        'Max Memory Used:\s*(\d+)') as used_mb,
    case
        when type = 'timed out' then 'timeout'
        else lower(word_of(event, '$.record.status', body, '\bStatus:\s*(\w+)'))
    end as status,
    word_of(event, '$.record.errorType', body, '\bError Type:\s*(\S+)') as error_type,
    word_of(event, '$.record.initializationType', body, 'Initialization Type:\s*(\S+)')
        as init_type,
    type = 'crashed' and contains(body, 'signal: killed') as killed,
    try_cast(nullif(replace(coalesce(
        regexp_extract(json_extract_string(event, '$.record.tracing.value'),
            'Root=1-([0-9a-f]{8}-[0-9a-f]{24})', 1),
        regexp_extract(body, 'XRAY TraceId:\s*1-([0-9a-f]{8}-[0-9a-f]{24})', 1)
    ), '-', ''), '') as uuid) as trace_id
from named left join resources using (resource_id)
where type is not null
