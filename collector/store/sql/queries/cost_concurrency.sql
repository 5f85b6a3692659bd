-- One row per function that was busy enough and number of units: for how long so many would have
-- worked, had each minute's work been spread evenly over it; and its cold starts.
with minutes as (
    select
        function, minute,
        sum(amount) filter (figure <> 5) as busy_us,
        coalesce(sum(amount) filter (figure = 5), 0) as colds
    from figures_in($since_ns, $until_ns, true)
    where figure = 5 or figure between 33 and 35 or figure between 53 and 55
    group by function, minute
)
select
    function, units,
    sum(least(coalesce(busy_us, 0), units * 60_000_000))::double as busy_us,
    sum(colds)::bigint as colds
from minutes, range(1, $most_units + 1) as counted(units)
where list_contains($functions, function)
group by function, units
order by function, units
