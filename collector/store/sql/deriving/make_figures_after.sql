-- The figures of the invocations that may change, as they are now.
create temp table figures_after as
select function, version, minute, figure, bucket, sum(amount)::bigint as amount
from figures_of('rows_after')
group by all
