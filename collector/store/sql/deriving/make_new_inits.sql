-- What new telemetry tells of the beginning of environments.
create temp table new_inits as
with told as (
    select
        coalesce(environment_id, alias_id) as environment_id, instance as name, time_ns as at_ns,
        if(type in ('platform.initReport', 'platform.initRuntimeDone'),
            coalesce(init_ns, duration_ns), null) as init_ns,
        if(type = 'platform.restoreReport', coalesce(restore_ns, duration_ns), null) as restore_ns,
        if(type like 'platform.restore%', 'snap-start', init_type) as init_type,
        coalesce(status not in ('success'), false) as failed,
        case
            when type like 'platform.restore%' then 'a restored snapshot'
            when type = 'platform.initReport' then 'platform.initReport'
            else 'platform.initStart'
        end as told
    from new_lines
    where instance is not null
      and type in ('platform.initStart', 'platform.initReport', 'platform.restoreStart',
          'platform.restoreReport')
    union all
    select
        hash(instance), instance, start_ns, duration_ns, null, null,
        coalesce(status_code = 2, false), 'an init span'
    from spans join resources using (resource_id)
    where export_seq > $after_seq and export_seq <= $up_to_seq
      and kind = 1 and invocation_id is null and instance is not null
      and ((cold_start and starts_with(name, 'init ')) or (name = 'init' and provider = 'azure'))
    union all
    select environment_id, instance, null, null, null, null, false, 'EMF ColdStart'
    from new_logged
    where environment_id is not null and amount > 0
)
select
    environment_id,
    max(name) as name,
    min(at_ns) as init_start_ns,
    max(init_ns) as init_ns,
    max(restore_ns) as restore_ns,
    max(init_type) as init_type,
    bool_or(failed) as init_failed,
    max(told) as init_told
from told
group by environment_id
