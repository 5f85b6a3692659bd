-- The new lines about invocations, in the columns of platform_lines.
create temp table new_facts as
select
    coalesce(
        try_cast(invocation_id as uuid),
        md5(invocation_id || '@' || coalesce(function, ''))::uuid
    ) as "key",
    if(try_cast(invocation_id as uuid) is null, invocation_id, null) as other_id,
    case type
        when 'platform.start' then 1
        when 'platform.runtimeDone' then 2
        when 'platform.end' then 2
        when 'platform.report' then 3
        when 'timed out' then 4
        else 5
    end::utinyint as kind,
    function, version, environment_id, alias_id, time_ns, duration_ns, billed_ns, init_ns,
    restore_ns, memory_mb, used_mb, status,
    if(killed, 'killed', error_type) as error_type,
    trace_id, resource_id, $up_to_seq::bigint as run
from new_lines
where invocation_id is not null
  and type in (
      'platform.start', 'platform.runtimeDone', 'platform.end', 'platform.report', 'timed out',
      'crashed'
  )
