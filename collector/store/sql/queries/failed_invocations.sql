-- The newest failed invocations of a function.
select start_ns, "key"
from invocation_rows
where not spare and start_ns >= $since_ns and start_ns < $until_ns and function = $function
  and outcome <> 'ok'
order by start_ns desc, "key"
limit $limit
