-- One row per function with invocations in the window; a span sent twice counts once.
-- known_starts are the invocations whose cold or warm state is known.
with attempts as (
    select distinct on (span_id, start_ns)
        function, start_ns, duration_ns, error, cold_start, resource_id
    from invocations
    where start_ns >= $since_ns and start_ns < $until_ns
      and function is not null and ($function is null or function = $function)
)
select
    attempts.function,
    arg_max(provider, start_ns) as provider,
    arg_max(platform, start_ns) as platform,
    arg_max(region, start_ns) as region,
    arg_max(account_id, start_ns) as account_id,
    arg_max(memory_bytes, start_ns) as memory_bytes,
    count(*) as invocations,
    count(*) filter (error) as errors,
    count(*) filter (cold_start) as cold_starts,
    count(cold_start) as known_starts,
    quantile_cont(duration_ns, [0.5, 0.95, 0.99]) as duration_quantiles_ns
from attempts left join resources using (resource_id)
group by attempts.function
order by attempts.function
limit $limit
