-- One row per step of time, function and version that had invocations in [since, before); a step_ns of
-- 0 is one step, a null function or version is all of them; with also_whole there is beside the rows
-- of each version one of the function, or beside those of each function one of all (whole = true).
-- Quantiles are those of buckets 1.6 % wide. The first invocation seen of an environment is cold
-- where its function was watched for an hour before.
create or replace macro health_by(
    since, before, step_ns, each_function, each_version, also_whole, only_function
) as table
with told as materialized (
    select * from figure_sums(
        since, before, step_ns, each_function, each_version, also_whole, only_function
    )
),
running as (
    select
        function, version, whole, time_ns, figure, bucket,
        sum(amount) over (
            partition by function, version, whole, time_ns, figure order by bucket
        ) as up_to,
        sum(amount) over (partition by function, version, whole, time_ns, figure) as total
    from told
    where figure in (20, 21)
),
around as (
    select
        function, version, whole, time_ns,
        max(total) filter (figure = 20) - 1 as durations,
        max(total) filter (figure = 21) - 1 as inits,
        min(bucket) filter (figure = 20 and up_to > floor(0.5 * (total - 1))) as duration_p50_low,
        min(bucket) filter (figure = 20 and up_to > ceil(0.5 * (total - 1))) as duration_p50_high,
        min(bucket) filter (figure = 20 and up_to > floor(0.95 * (total - 1))) as duration_p95_low,
        min(bucket) filter (figure = 20 and up_to > ceil(0.95 * (total - 1))) as duration_p95_high,
        min(bucket) filter (figure = 20 and up_to > floor(0.99 * (total - 1))) as duration_p99_low,
        min(bucket) filter (figure = 20 and up_to > ceil(0.99 * (total - 1))) as duration_p99_high,
        min(bucket) filter (figure = 21 and up_to > floor(0.5 * (total - 1))) as init_p50_low,
        min(bucket) filter (figure = 21 and up_to > ceil(0.5 * (total - 1))) as init_p50_high,
        min(bucket) filter (figure = 21 and up_to > floor(0.95 * (total - 1))) as init_p95_low,
        min(bucket) filter (figure = 21 and up_to > ceil(0.95 * (total - 1))) as init_p95_high
    from running
    group by all
),
counts as (
    select
        function, version, whole, time_ns,
        coalesce(sum(amount) filter (figure = 1), 0)::bigint as invocations,
        coalesce(sum(amount) filter (figure = 2), 0)::bigint as errors,
        coalesce(sum(amount) filter (figure = 3), 0)::bigint as timeouts,
        coalesce(sum(amount) filter (figure = 4), 0)::bigint as out_of_memory,
        coalesce(sum(amount) filter (figure = 5), 0)::bigint as cold_starts,
        coalesce(sum(amount) filter (figure = 6), 0)::bigint as provisioned,
        coalesce(sum(amount) filter (figure = 7), 0)::bigint as restored,
        coalesce(sum(amount) filter (figure = 8), 0)::bigint as warm,
        coalesce(sum(amount) filter (figure = 10), 0)::bigint as repeats,
        coalesce(sum(amount) filter (figure = 11), 0)::bigint as throttled,
        max(bucket) filter (figure = 23) as memory_mb,
        max(bucket) filter (figure = 22) as used_mb
    from told
    group by all
)
select
    counts.*,
    quantile_between(duration_p50_low, duration_p50_high, 0.5 * durations) as duration_p50_ns,
    quantile_between(duration_p95_low, duration_p95_high, 0.95 * durations) as duration_p95_ns,
    quantile_between(duration_p99_low, duration_p99_high, 0.99 * durations) as duration_p99_ns,
    quantile_between(init_p50_low, init_p50_high, 0.5 * inits) as init_p50_ns,
    quantile_between(init_p95_low, init_p95_high, 0.95 * inits) as init_p95_ns
from counts left join around
    on counts.function is not distinct from around.function
    and counts.version is not distinct from around.version
    and counts.whole = around.whole
    and counts.time_ns = around.time_ns
-- A call that was turned away is of no version.
where invocations > 0 or (throttled > 0 and (counts.whole or not each_version))
