-- The figures of the invocations that may change, as they were.
create temp table figures_before as
select function, version, minute, figure, bucket, sum(amount)::bigint as amount
from figures_of('rows_before')
group by all
