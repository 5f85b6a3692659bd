-- By how much this run changed each figure.
insert into minute_changes by name
select function, version, minute, figure, bucket, sum(amount)::bigint as amount, $up_to_seq::bigint as run
from (
    select * from figures_after
    union all
    select * replace (-amount as amount) from figures_before
)
group by all
having sum(amount) <> 0
