-- The slowest invocations of a function; of those that took as long as least_ns, if that is told.
select start_ns, "key"
from invocation_rows
where not spare and start_ns >= $since_ns and start_ns < $until_ns and function = $function
  and if($least_ns::bigint is null, outcome is distinct from 'throttled', duration_ns >= $least_ns)
order by duration_ns desc nulls last, start_ns desc, "key"
limit $limit
