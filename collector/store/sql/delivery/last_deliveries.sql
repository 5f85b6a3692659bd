-- One row per alert that fires now and target: the last delivery of it, when that tells of firing.
select
    told.delivery_id::varchar, told.change_id::varchar, told.change_seq, told.target, told.rule_id,
    told.rule_name, told.group_name, told.severity, told.state, told.ended_ns
from alert_deliveries told
join alert_states states
    on states.rule_id = told.rule_id
    and states.group_name = told.group_name
    and states.state = 'firing'
where told.reason <> 'test'
qualify row_number() over (
    partition by told.target, told.rule_id, told.group_name
    order by told.change_seq desc, told.created_ns desc, told.delivery_id
) = 1 and told.alert_state = 'firing'
