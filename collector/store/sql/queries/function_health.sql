-- One row per function that invocations or metrics tell of in the window.
select *
from function_health($since_ns, $until_ns, $function)
order by function
limit $limit
