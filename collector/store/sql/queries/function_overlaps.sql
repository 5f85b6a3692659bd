-- One row per function: the most of its invocations that went on at a time in the window. Those that
-- began up to 15 minutes before it are looked at too.
with gone_on as (
    select function, start_ns, start_ns + coalesce(duration_ns, 0) as end_ns
    from invocation_rows
    where not spare
      and start_ns >= $since_ns - 900_000_000_000 and start_ns < $until_ns
      and start_ns + coalesce(duration_ns, 0) >= $since_ns
      and ($function::varchar is null or function = $function)
),
turns as (
    select function, start_ns as at_ns, 1 as more from gone_on
    union all
    select function, end_ns, -1 from gone_on
),
running as (
    select
        function,
        sum(more) over (partition by function order by at_ns, more desc rows unbounded preceding)
            as amount
    from turns
)
select function, max(amount)::bigint
from running
group by function
order by function
