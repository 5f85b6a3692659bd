-- The figures of hours that changes are about, with the changes.
create temp table folded_hours as
select function, version, minute, figure, bucket, sum(amount)::bigint as amount, max(run) as run
from (
    select function, version, minute // 60 * 60 as minute, figure, bucket, amount, run
    from minute_changes
    union all
    select function, version, minute, figure, bucket, amount, run
    from hour_figures
    where minute in (select distinct minute // 60 * 60 from minute_changes)
)
group by function, version, minute, figure, bucket
having sum(amount) <> 0
