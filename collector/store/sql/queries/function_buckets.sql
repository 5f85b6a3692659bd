-- One row per figure and bucket of a function's durations, of those of cold ones, and of inits.
select figure, bucket_middle(bucket) as middle_ns, sum(amount)::bigint as amount
from figures_in($since_ns, $until_ns, false)
where function = $function and figure in (20, 21, 24)
group by figure, bucket
having sum(amount) > 0
order by figure, bucket
