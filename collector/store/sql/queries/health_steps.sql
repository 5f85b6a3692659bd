-- One row per step of time: all functions together.
with reported as (
    select time_ns, sum(throttles) as throttles
    from reported_health($since_ns, $until_ns, $step_ns, null)
    group by time_ns
)
select
    coalesce(told.time_ns, reported.time_ns) as time_ns,
    coalesce(invocations, 0) as invocations,
    coalesce(errors, 0) as errors,
    coalesce(timeouts, 0) as timeouts,
    coalesce(out_of_memory, 0) as out_of_memory,
    coalesce(cold_starts, 0) as cold_starts,
    coalesce(provisioned, 0) as provisioned,
    coalesce(restored, 0) as restored,
    coalesce(warm, 0) as warm,
    coalesce(repeats, 0) as repeats,
    duration_p50_ns, duration_p95_ns, duration_p99_ns, init_p50_ns, init_p95_ns,
    throttles, null as max_concurrency, memory_mb, used_mb
from health_by($since_ns, $until_ns, $step_ns, false, false, null) as told
full join reported on told.time_ns = reported.time_ns
order by time_ns
