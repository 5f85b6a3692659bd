-- One row per function, version, step of time and memory size of invocations in the window that did or
-- failed at what was handled before, as event traces tell: what of them is of another fate than theirs
-- alone. own_fate: theirs alone.
select
    function,
    if($each_version, version, null) as version,
    if($step_ns = 0, $since_ns, start_ns // $step_ns * $step_ns)::bigint as time_ns,
    memory_mb, not rated as unrated, fate, own_fate,
    sum(share * round(1000 * weight)) as requests,
    sum(share * coalesce(round(exec_us * weight), 0)) as exec_us,
    sum(share * coalesce(round(flex_us * weight), 0)) as flex_us
from event_shares($since_ns, $until_ns, $events)
where fate <> own_fate and ($function::varchar is null or function = $function)
group by all
order by all
