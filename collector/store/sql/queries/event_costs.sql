-- One row per event trace that has a part in what began in the window: its cost in 1e-12 USD.
select event_trace_id, cost
from event_costs($since_ns, $until_ns, $rates, $fees, false)
order by event_trace_id
