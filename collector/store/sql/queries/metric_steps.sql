-- One row per stream of one metric, run of it between resets, and bucket of time: the first and last
-- point, what gauges did within it, and all deltas, which CloudWatch's summaries are.
-- A stream is one combination of attributes, resource and scope; its label is the value of the
-- attribute asked for, on the point or on the resource ('' without it).
with points as (
    select
        metric_points.* replace (if(type = 'summary' and starts_with(name, 'amazonaws.com/'),
            1, temporality) as temporality),
        hash(resource_id, scope_id, attributes) as stream,
        coalesce(value_double, value_int::double) as value,
        {
            'count': count, 'sum': sum, 'min': min, 'max': max,
            'counts': bucket_counts, 'bounds': explicit_bounds,
            'scale': scale, 'zero_count': zero_count,
            'positive_offset': positive_offset, 'positive_counts': positive_counts,
            'negative_offset': negative_offset, 'negative_counts': negative_counts,
            'quantiles': quantiles, 'quantile_values': quantile_values
        } as distribution
    from metric_points
    where name = $metric and type = $type and time_ns >= $since_ns and time_ns < $until_ns
      and ($function is null or function = $function)
    qualify row_number() over (partition by stream, time_ns order by export_seq) = 1
),
marked as (
    -- A cumulative stream begins anew where its start moves or its total falls.
    select
        *,
        temporality = 2 and (
            start_ns is distinct from lag(start_ns, 1, start_ns) over earlier
            or (monotonic and value < lag(value) over earlier)
            or count < lag(count) over earlier
        ) as is_reset
    from points
    window earlier as (partition by stream order by time_ns)
),
runs as (
    select
        *,
        sum(coalesce(is_reset, false)::integer) over (partition by stream order by time_ns) as run,
        (time_ns - $since_ns) // $width_ns as bucket
    from marked
),
labels as (
    select
        stream,
        coalesce(
            if($by = 'function', function, null),
            list_filter(own, lambda item: item.key = $by)[1].value,
            list_filter(resources.attributes, lambda item: item.key = $by)[1].value,
            ''
        ) as label
    from (
        select
            stream, any_value(resource_id) as resource_id, any_value(attributes) as own,
            any_value(points.function) as function
        from points
        group by stream
    ) left join (select resource_id, attributes from resources) as resources using (resource_id)
)
select
    label, stream, run, bucket,
    any_value(temporality) as temporality,
    any_value(monotonic) as monotonic,
    min(start_ns) as start_ns,
    arg_min(value, time_ns) as first_value,
    arg_max(value, time_ns) as last_value,
    sum(value) as total_value,
    min(value) as least_value,
    max(value) as most_value,
    count(*) as points,
    if(
        any_value(temporality) = 1,
        list(distribution),
        [arg_min(distribution, time_ns), arg_max(distribution, time_ns)]
    ) as distributions
from runs join labels using (stream)
group by label, stream, run, bucket
order by stream, run, bucket
limit $limit
