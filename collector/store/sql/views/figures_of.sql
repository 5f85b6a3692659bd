-- One row per invocation of a table like invocation_rows and figure it adds one to. Figures:
-- 1 invocation, 2 error of any kind, 3 timeout, 4 out of memory, 5 cold, 6 provisioned, 7 snapshot
-- restore, 8 warm, 9 the first seen of its environment, 10 retry under the same id, 20 duration,
-- 21 init, 22 memory used, 23 memory size, 24 duration of a cold one; from 30 on those of
-- cost_figures_of. bucket: of 20, 21 and 24 the number of bucket_of, of 22 and 23 the MB. amount: 1
-- but of costs.
create or replace macro figures_of(source) as table
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
            1,
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
union all
select * from cost_figures_of(source)
