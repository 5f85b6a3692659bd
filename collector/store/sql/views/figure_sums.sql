-- One row per step of time, function, version, figure and bucket of health_by: how many invocations.
-- The first seen of an environment (9) is cold (5) or not known (0).
create or replace macro figure_sums(
    since, before, step_ns, each_function, each_version, also_whole, only_function
) as table
with summed as (
    select
        function,
        if(each_version, version, null) as version,
        if(step_ns = 0, since, minute * 60_000_000_000 // step_ns * step_ns)::bigint as time_ns,
        figure,
        bucket,
        if(figure = 9, minute // 60, 0) as hour,
        sum(amount)::bigint as amount
    from figures_in(since, before, step_ns > 0 and step_ns % 3_600_000_000_000 <> 0)
    where figure < 30 and (only_function::varchar is null or function = only_function)
    group by all
    having sum(amount) > 0
),
each as (
    select
        if(each_function, function, null) as function, version, time_ns,
        case
            when figure <> 9 then figure
            when hour * 3_600_000_000_000 >= watched_since_ns + 3_600_000_000_000 then 5
            else 0
        end as figure,
        bucket, amount
    from summed left join functions_watched using (function)
)
select function, version, false as whole, time_ns, figure, bucket, sum(amount)::bigint as amount
from each
group by all
union all
select
    if(each_version, function, null), null, true, time_ns, figure, bucket, sum(amount)::bigint
from each
where also_whole
group by all
