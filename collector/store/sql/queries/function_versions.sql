-- One row per version of a function, by when it was first seen in the window.
with seen as (
    select version, min(minute) as first_minute, max(minute) as last_minute
    from figures_in($since_ns, $until_ns)
    where function = $function and figure = 1
    group by version
    having sum(amount) > 0
)
select
    nullif(version, '') as version,
    first_minute * 60_000_000_000 as first_seen_ns,
    last_minute * 60_000_000_000 as last_seen_ns,
    invocations, errors, timeouts, out_of_memory, cold_starts, provisioned, restored, warm, repeats,
    duration_p50_ns, duration_p95_ns, duration_p99_ns, init_p50_ns, init_p95_ns
from health_by($since_ns, $until_ns, 0, true, true, $function) join seen using (version)
order by first_minute, version
limit $limit
