-- One row per function and step of time, of those that invocations or metrics tell of.
select
    coalesce(told.function, reported.function) as function,
    coalesce(told.time_ns, reported.time_ns) as time_ns,
    coalesce(told.invocations, reported.invocations, 0)::bigint as invocations,
    coalesce(told.errors, reported.errors, 0)::bigint as errors,
    coalesce(told.timeouts, reported.timeouts, 0)::bigint as timeouts,
    coalesce(told.out_of_memory, 0) as out_of_memory,
    coalesce(told.cold_starts, reported.cold_starts, 0)::bigint as cold_starts,
    coalesce(told.provisioned, 0) as provisioned,
    coalesce(told.restored, 0) as restored,
    coalesce(told.warm, 0) as warm,
    coalesce(told.repeats, 0) as repeats,
    duration_p50_ns, duration_p95_ns, duration_p99_ns, init_p50_ns, init_p95_ns,
    throttles, max_concurrency, memory_mb, used_mb
from health_by($since_ns, $until_ns, $step_ns, true, false, $function) as told
full join reported_health($since_ns, $until_ns, $step_ns, $function) as reported
    on told.function = reported.function and told.time_ns = reported.time_ns
order by function, time_ns
limit $limit
