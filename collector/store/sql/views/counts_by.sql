-- One row per step of time and function that had invocations in [since, before): the counts of
-- health_by without its quantiles, which take most of its time.
create or replace macro counts_by(since, before, step_ns, each_function, only_function) as table
select
    function, time_ns,
    coalesce(sum(amount) filter (figure = 1), 0)::bigint as invocations,
    coalesce(sum(amount) filter (figure = 2), 0)::bigint as errors,
    coalesce(sum(amount) filter (figure = 3), 0)::bigint as timeouts,
    coalesce(sum(amount) filter (figure = 4), 0)::bigint as out_of_memory,
    coalesce(sum(amount) filter (figure = 5), 0)::bigint as cold_starts,
    coalesce(sum(amount) filter (figure = 6), 0)::bigint as provisioned,
    coalesce(sum(amount) filter (figure = 7), 0)::bigint as restored,
    coalesce(sum(amount) filter (figure = 8), 0)::bigint as warm,
    coalesce(sum(amount) filter (figure = 10), 0)::bigint as repeats,
    coalesce(sum(amount) filter (figure = 11), 0)::bigint as throttled
from figure_sums(since, before, step_ns, each_function, false, false, only_function)
where figure < 20
group by function, time_ns
having invocations > 0 or throttled > 0
