-- One row per invocation of a table like invocation_rows and figure below 30 that it adds one to: those
-- of figures_of that tell of health.
create or replace macro health_figures_of(source) as table
with said as (
    select
        start_ns, function, coalesce(version, '') as version,
        (start_ns // 60_000_000_000)::integer as minute,
        outcome, init_kind, attempt,
        bucket_of(duration_ns) as duration_bucket, bucket_of(start_init_ns) as init_bucket,
        used_mb, memory_mb
    from query_table(source)
    where not spare
),
each as (
    select
        start_ns, function, version, minute,
        unnest([
            if(outcome is not distinct from 'throttled', 11, 1),
            if(outcome in ('error', 'timeout', 'out_of_memory'), 2, null),
            case outcome when 'timeout' then 3 when 'out_of_memory' then 4 end,
            case
                when init_kind = 'cold' then 5
                when init_kind = 'provisioned' then 6
                when init_kind = 'snapshot_restore' then 7
                when init_kind = 'warm' then 8
                when init_kind = 'first' then 9
            end,
            if(attempt > 1, 10, null),
            if(duration_bucket is null, null, 20),
            if(init_bucket is null, null, 21),
            if(used_mb is null, null, 22),
            if(memory_mb is null, null, 23),
            if(init_kind = 'cold' and duration_bucket is not null, 24, null)
        ]) as figure,
        unnest([
            0, 0, 0, 0, 0, duration_bucket, init_bucket, used_mb, memory_mb, duration_bucket
        ]) as bucket
    from said
)
select
    start_ns, function, version, minute, figure::utinyint as figure, bucket::integer as bucket,
    1::bigint as amount
from each
where figure is not null
