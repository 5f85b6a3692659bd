-- One row per function: its invocations of [$since_ns, $until_ns) whose duration was told, and those
-- that took no longer than $most_ns (within 1.6 %, the width of a bucket).
select
    function,
    coalesce(sum(amount) filter (bucket <= bucket_of($most_ns::bigint)), 0)::bigint as good,
    sum(amount)::bigint as total
from figures_in($since_ns, $until_ns, false)
where figure = 20
group by function
having sum(amount) > 0
order by function
