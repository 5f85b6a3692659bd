-- One row per function that had invocations in [$since_ns, $until_ns): when the last began. Exact where
-- that is the last there is; else, as of a time that is past, to the minute within three hours of
-- $until_ns and to the hour before.
with seen as (
    select function, min(first_ns) as first_ns, max(last_ns) as last_ns
    from function_sightings
    group by function
),
later as (
    select function, max((minute + 1)::bigint * 60_000_000_000) as last_ns
    from (
        select function, minute, figure, amount from minute_figures
        union all
        select function, minute, figure, amount from minute_changes
    )
    where figure = 1 and amount > 0
      and minute >= $until_ns // 60_000_000_000 - 180 and minute < $until_ns // 60_000_000_000
      and function in (select function from seen where seen.last_ns >= $until_ns)
    group by function
    union all
    select function, max((minute + 60)::bigint * 60_000_000_000)
    from hour_figures
    where figure = 1
      and minute >= $since_ns // 60_000_000_000 and minute < $until_ns // 60_000_000_000 - 180
      and function in (select function from seen where seen.last_ns >= $until_ns)
    group by function
),
as_of as (
    select function, last_ns from seen where last_ns < $until_ns
    union all
    select function, least(max(last_ns), $until_ns::bigint) from later group by function
)
select function, any_value(provider) as provider, max(last_ns) as last_ns
from as_of left join function_places using (function)
where last_ns >= $since_ns
group by function
order by function
