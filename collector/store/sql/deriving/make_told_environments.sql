-- All that is told of the environments that new telemetry may change, each time something is: of its
-- first invocation, of its beginning.
-- An invocation may turn out to be of another environment, or two: then what its environment knew of
-- it is not to be trusted.
create temp table told_environments as
with doubted as (
    select environment_id, first_start_ns
    from environments
    where first_key in (select "key" from touched)
),
again as (
    select environment_id, alias_id, start_ns, "key"
    from invocation_rows
    where start_ns >= (select min(first_start_ns) from doubted)
      and not spare
      and "key" not in (select "key" from touched)
      and (
          environment_id in (select environment_id from doubted)
          or alias_id in (select environment_id from doubted)
      )
),
seen as (
    select environment_id, start_ns, "key" from made_rows where not spare
    union all
    select alias_id, start_ns, "key" from made_rows where not spare
    union all
    select environment_id, start_ns, "key" from again
    union all
    select alias_id, start_ns, "key" from again
)
select
    environment_id, null::varchar as name, {'start_ns': start_ns, 'key': "key"} as first,
    null::bigint as init_start_ns, null::bigint as init_ns, null::bigint as restore_ns,
    null::varchar as init_type, null::boolean as init_failed, null::varchar as init_told
from seen
where environment_id is not null
union all
select
    environment_id, name, null, init_start_ns, init_ns, restore_ns, init_type, init_failed,
    init_told
from new_inits
union all
select
    environment_id, name,
    if(
        first_start_ns is null or environment_id in (select environment_id from doubted), null,
        {'start_ns': first_start_ns, 'key': first_key}
    ),
    init_start_ns, init_ns, restore_ns, init_type, init_failed, init_told
from environments
where environment_id in (
    select environment_id from seen union all select environment_id from new_inits
    union all select environment_id from doubted
)
