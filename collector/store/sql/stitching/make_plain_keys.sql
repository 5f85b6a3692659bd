-- What those fragments hold, as gather.py has it: each handling by itself, all else once for a key,
-- kind and role; of several mentions the earliest tells most.
create temp table plain_keys as
with plain as (
    select
        *,
        if(role = 2 and kind > 2, time_ns, null) as handled_ns,
        if(role = 2 and kind > 2, coalesce(function, ''), null) as handled_by,
        (
            time_ns, coalesce(end_ns, 0), outcome, coalesce(place, ''), coalesce(function, ''),
            family
        ) as moment
    from mentions
    where trace_id not in (select trace_id from slow_traces)
      and not worthless
      and not (kind = 4 and length(value) < 8 and regexp_full_match(value, '[0-9]{1,7}'))
      and not (kind = 3 and not "unique")
)
select
    hash(space || value) as "key",
    hash(replace(trace_id::varchar, '-', '')) as fragment_id,
    kind::utinyint as kind,
    role::utinyint as role,
    min(time_ns) as time_ns,
    max(end_ns) as end_ns,
    case when bool_or(outcome = 1) then 1 else max(outcome) end::utinyint as outcome,
    arg_min(place, moment) filter (place <> '') as place,
    arg_min_null(function, moment) as function,
    arg_min(family, moment) as family,
    nullif(max(attempt), 0)::smallint as attempt,
    false as dead_letter,
    space || value as "text",
    null::bigint as run
from plain
group by trace_id, kind, role, space, value, handled_ns, handled_by
union all
select
    hash('t:' || replace(trace_id::varchar, '-', '')), fragment_id, 1, 3, start_ns, end_ns, 0, null,
    function, '', null, false, 't:' || replace(trace_id::varchar, '-', ''), null
from plain_fragments
