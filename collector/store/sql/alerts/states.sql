-- Alerts that are not inactive.
select
    rule_id, group_name, state, since_ns, began_ns, clear_ns, "value", observed_ns, evaluated_ns
from alert_states
order by rule_id, group_name
