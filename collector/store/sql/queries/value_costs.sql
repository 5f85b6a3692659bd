-- The values event traces have of an attribute, the dearest first: what began in the window cost, and
-- how many event traces have them.
select
    value,
    sum(cost * share) / 1e12 as usd,
    count(*) as events
from event_costs($since_ns, $until_ns, $rates, $fees, true)
join event_values($since_ns, $until_ns, $attribute) using (event_trace_id)
group by value
order by usd desc, value
limit $limit
