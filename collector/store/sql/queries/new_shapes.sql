-- One row per flow shape that was never seen before $since_ns, and whose path leads through a function
-- of which a version was first seen in [$since_ns, $until_ns): how many event traces took it. Nothing
-- is new to a store that has seen no flow before.
with new_shapes as (
    select shape_id
    from flow_sightings
    where first_ns >= $since_ns and first_ns < $until_ns
      and (select min(first_ns) from flow_sightings) < $since_ns
),
taken as (
    select
        shape_id, any_value(path) as path, any_value(root_function) as root_function,
        any_value(functions) as functions, count(*) as events
    from listed_event_traces
    where start_ns >= $since_ns and start_ns < $until_ns
      and shape_id in (select shape_id from new_shapes)
    group by shape_id
),
concerned as (select distinct unnest(functions) as function from taken),
versions as (
    select function, version, min(minute) * 60_000_000_000 as first_ns
    from (
        select function, version, minute from hour_figures where figure = 1
        union all
        select function, version, minute from minute_figures
        where figure = 1 and minute >= $since_ns // 60_000_000_000 - 60
        union all
        select function, version, minute from minute_changes where figure = 1
    )
    where function in (select function from concerned)
    group by function, version
),
deployed as (
    select function, string_agg(version, ', ' order by version) as versions
    from versions
    where first_ns >= $since_ns // 60_000_000_000 * 60_000_000_000 and first_ns < $until_ns
      and version <> ''
    group by function
    having count(*) < (
        select count(*) from versions as others where others.function = versions.function
    )
)
select format('{:016x}', shape_id) as shape_id, path, root_function, events
from taken
where list_has_any(functions, (select coalesce(list(function), []) from deployed))
order by events desc, shape_id
limit $limit
