-- One row per function, version (where asked for), step of time and memory size: what invocations in
-- the window were billed for, as cost_figures_of says; apart those that may have been sampled
-- (unrated). A step of 0 is the whole window. Where memory_mb is -1, it is the most memory that was
-- used, and how many environments were provisioned.
select
    function,
    if($each_version, version, null) as version,
    if($step_ns = 0, $since_ns, minute * 60_000_000_000 // $step_ns * $step_ns)::bigint as time_ns,
    if(figure < 30, -1, bucket) as memory_mb,
    unrated,
    [
        coalesce(sum(amount) filter (figure = 30), 0)::bigint,
        coalesce(sum(amount) filter (figure = 31), 0)::bigint,
        coalesce(sum(amount) filter (figure = 32), 0)::bigint
    ] as requests,
    [
        coalesce(sum(amount) filter (figure = 33), 0)::bigint,
        coalesce(sum(amount) filter (figure = 34), 0)::bigint,
        coalesce(sum(amount) filter (figure = 35), 0)::bigint
    ] as exec_us,
    [
        coalesce(sum(amount) filter (figure = 37), 0)::bigint,
        coalesce(sum(amount) filter (figure = 38), 0)::bigint,
        coalesce(sum(amount) filter (figure = 39), 0)::bigint
    ] as flex_us,
    coalesce(sum(amount) filter (figure = 36), 0)::bigint as init_us,
    coalesce(sum(amount) filter (figure = 40), 0)::bigint as untold,
    coalesce(sum(amount) filter (figure = 41), 0)::bigint as scaled,
    max(bucket) filter (figure = 22) as used_mb,
    coalesce(sum(amount) filter (figure = 6), 0)::bigint as provisioned
from (
    select
        * replace (if(figure < 50, figure, figure - 20) as figure), figure >= 50 as unrated
    from figures_in($since_ns, $until_ns, $step_ns % 3_600_000_000_000 <> 0)
    where (figure between 30 and 61 or figure in (6, 22))
      and ($function::varchar is null or function = $function)
)
group by all
having sum(amount) filter (figure <> 41) > 0
order by all
