-- One row per function that had invocations in the window: counts alone, which are quick to read.
select
    function,
    coalesce(sum(amount) filter (figure = 1), 0)::bigint as invocations,
    coalesce(sum(amount) filter (figure = 2), 0)::bigint as errors,
    coalesce(sum(amount) filter (figure = 3), 0)::bigint as timeouts,
    coalesce(sum(amount) filter (figure = 4), 0)::bigint as out_of_memory,
    coalesce(sum(amount) filter (figure = 5), 0)::bigint as cold_starts,
    coalesce(sum(amount) filter (figure = 6), 0)::bigint as provisioned,
    coalesce(sum(amount) filter (figure = 7), 0)::bigint as restored,
    coalesce(sum(amount) filter (figure = 8), 0)::bigint as warm,
    coalesce(sum(amount) filter (figure = 10), 0)::bigint as repeats
from figure_sums($since_ns, $until_ns, 0, true, false, false, null)
where figure < 20
group by function
having invocations > 0
order by function
