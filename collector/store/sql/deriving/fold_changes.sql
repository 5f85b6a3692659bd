-- Many changes of one figure become one row.
insert into minute_figures by name
select function, version, minute, figure, bucket, sum(amount)::bigint as amount, max(run) as run
from minute_changes
group by function, version, minute, figure, bucket
having sum(amount) <> 0
order by minute, function, version, figure, bucket
