-- One row per line of series (see reported_series) and step of time in [since, before): what it tells of.
-- amount: added up over time, what cumulative streams counted since their point before. greatest: of any
-- one point, for what does not add up. A step_ns of 0 is one step.
create or replace macro reported_amounts(since, before, step_ns, only_function) as table
with series as (
    select
        *,
        name = 'kn.revision.pods.count' as is_pods,
        temporality is not distinct from 2 as is_cumulative,
        name = 'cloudfunctions.googleapis.com/function/execution_times' as is_spread,
        type = 'summary' or name = 'faas.invoke_duration' as is_sum
    from reported_series(since, before, only_function)
),
-- Points of cumulative streams begin an hour earlier, to have one to count from. What a delta or summary
-- is about begins at its start. Of points of the same time the last report counts.
points as (
    select
        line, is_cumulative or is_pods as is_followed,
        if(is_cumulative, time_ns, coalesce(nullif(start_ns, 0), time_ns)) as at_ns,
        nullif(start_ns, 0) as start_ns,
        max_by(coalesce(
            value_double, value_int::double,
            if(is_spread, coalesce(spread_ns(bucket_counts, explicit_bounds, 100_000_000), sum), null),
            if(is_sum, sum, count::double)
        ), export_seq) as value,
        max_by(coalesce(list_max(quantile_values), sum / nullif(count, 0)), export_seq) as greatest
    from metric_points as point
    join series
        on series.series = series_of(
            point.name, point.type, point.temporality, point.function, point.resource_id,
            point.attributes
        )
    where time_ns >= since - 3_600_000_000_000 and time_ns < before + 3_600_000_000_000
      and is_of_functions(point.name)
    group by all
),
lines as (
    select
        line, any_value(function) as function, any_value(figures) as figures, any_value(none) as none,
        any_value(name) as name, any_value(stream) as stream, bool_or(is_pods) as is_pods,
        max(provider) as provider, max(platform) as platform, max(region) as region,
        max(account_id) as account_id, max(memory_mb) as memory_mb, max(told_plan) as told_plan
    from series
    group by line
),
counted as (
    select
        line, at_ns, greatest,
        case
            -- A gauge of pods: those that came where there were none held up who waited for them.
            when is_pods then if(lag(value) over stream = 0, value, 0)
            when lag(value) over stream is null
                -- A stream that begins with its first point says nothing of what was before.
                then if(start_ns >= since and start_ns < at_ns, value, null)
            when lag(start_ns) over stream is distinct from start_ns or value < lag(value) over stream
                then value
            else value - lag(value) over stream
        end as amount
    from points join lines using (line)
    where is_followed
    window stream as (partition by name, stream order by at_ns)
    union all
    select line, at_ns, greatest, value
    from points
    where not is_followed
),
added as (
    select
        line, if(step_ns = 0, since, at_ns // step_ns * step_ns)::bigint as time_ns,
        sum(amount) as amount, max(greatest) as greatest
    from counted
    where at_ns >= since and at_ns < before
    group by all
)
select * exclude (line, name, stream, is_pods) from added join lines using (line)
