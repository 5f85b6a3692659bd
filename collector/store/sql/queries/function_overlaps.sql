-- One row per invocation that went on within the window: those that began up to 15 minutes before it are
-- looked at too.
select function, start_ns, start_ns + coalesce(duration_ns, 0) as end_ns
from invocation_rows
where not spare and outcome is distinct from 'throttled'
  and start_ns >= $since_ns - 900_000_000_000 and start_ns < $until_ns
  and start_ns + coalesce(duration_ns, 0) >= $since_ns
  and ($function::varchar is null or function = $function)
