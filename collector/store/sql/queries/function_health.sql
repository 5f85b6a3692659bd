-- One row per function with invocations in the window. An invocation sent twice counts once:
-- the same request id, start and resource. Cold starts are of the invocations whose state is known.
with attempts as (
    select distinct on (function, invocation_id, start_ns, resource_id) *
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
