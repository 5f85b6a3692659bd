-- One row per function that invocations or metrics tell of in [since, before); the two are never
-- added up: where there are invocations, metrics only add what those cannot tell. A metric of cold
-- starts tells of every start of the function: of what is unknown, those it counts more are cold.
create or replace macro function_health(since, before, only_function) as table
with told as (
    select *, invocations - cold_starts - provisioned - restored - warm as unknown
    from health_by(since, before, 0, true, false, false, only_function)
),
reported as (
    select *, round(cold_starts) as starts
    from reported_health(since, before, 0, only_function)
),
filled as (
    select function, unknown, least(greatest(starts - told.cold_starts, 0), unknown) as cold
    from told join reported using (function)
    where starts is not null
)
select
    function,
    places.provider, places.platform, places.region, places.account_id,
    coalesce(told.invocations, reported.invocations, 0)::bigint as invocations,
    coalesce(told.errors, reported.errors, 0)::bigint as errors,
    coalesce(told.timeouts, reported.timeouts, 0)::bigint as timeouts,
    coalesce(told.out_of_memory, reported.out_of_memory, 0)::bigint as out_of_memory,
    (coalesce(told.cold_starts, starts, 0) + coalesce(filled.cold, 0))::bigint as cold_starts,
    coalesce(told.provisioned, 0) as provisioned,
    coalesce(told.restored, 0) as restored,
    (
        coalesce(told.warm, reported.invocations - starts, 0)
        + coalesce(filled.unknown - filled.cold, 0)
    )::bigint as warm,
    coalesce(told.repeats, 0) as repeats,
    told.duration_p50_ns, told.duration_p95_ns, told.duration_p99_ns,
    told.init_p50_ns, told.init_p95_ns,
    coalesce(told.memory_mb, places.memory_mb) as memory_mb,
    told.used_mb,
    coalesce(reported.throttles, nullif(told.throttled, 0)) as throttles,
    coalesce(reported.throttles, nullif(told.throttled, 0)) / nullif(
        coalesce(reported.invocations, told.invocations, 0)
            + coalesce(reported.throttles, told.throttled), 0
    ) as throttle_rate,
    if(
        reported.throttles is not null, 'reported', if(told.throttled > 0, 'callers', null)
    ) as throttle_evidence,
    reported.max_concurrency,
    reported.iterator_age_ms,
    reported.async_event_age_ms,
    if(told.function is null, 'metrics', 'invocations') as evidence
from told
full join reported using (function)
left join filled using (function)
left join function_places as places using (function)
