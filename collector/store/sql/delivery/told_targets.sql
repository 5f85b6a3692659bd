-- One row per resolved change and target whose last delivery of the alert told that it fires.
select changes.change_id::varchar, told.target
from alert_changes changes
join alert_deliveries told
    on told.rule_id = changes.rule_id
    and told.group_name = changes.group_name
    and told.change_seq < changes.change_seq
where changes.state = 'resolved'
    and changes.change_seq > $after_seq
    and changes.change_seq <= $up_to_seq
qualify row_number() over (
    partition by changes.change_id, told.target
    order by told.change_seq desc, told.created_ns desc, told.delivery_id
) = 1 and told.alert_state = 'firing'
order by told.target
