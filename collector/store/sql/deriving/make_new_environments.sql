-- The environments of which new telemetry tells something new, as they are now: the earliest of
-- their invocations, and everything told of their beginning. One that is still told of is also
-- written again before retention forgets it.
create temp table new_environments as
with named as (
    select distinct hash(instance) as environment_id, instance as name
    from resources
    where instance is not null
),
merged as (
    select
        environment_id, max(told.name) as name, min(first) as first,
        min(init_start_ns) as init_start_ns, max(init_ns) as init_ns,
        max(restore_ns) as restore_ns, max(init_type) as init_type,
        bool_or(init_failed) as init_failed, max(init_told) as init_told
    from told_environments as told
    group by environment_id
),
now as (
    select
        environment_id, coalesce(merged.name, named.name) as name,
        merged.first.start_ns as first_start_ns, merged.first."key" as first_key,
        init_start_ns, init_ns, restore_ns, init_type, init_failed, init_told
    from merged left join named using (environment_id)
)
select *, $up_to_seq::bigint as run
from now
where not exists (
    select 1
    from environments as stored
    where stored.environment_id = now.environment_id
      and stored.first_key is not distinct from now.first_key
      and stored.first_start_ns is not distinct from now.first_start_ns
      and (stored.init_start_ns, stored.init_ns, stored.restore_ns, stored.init_type,
          stored.init_failed, stored.init_told)
          is not distinct from (now.init_start_ns, now.init_ns, now.restore_ns, now.init_type,
          now.init_failed, now.init_told)
      and 2 * stored.run > $up_to_seq + (select deleted_seq from progress)
)
