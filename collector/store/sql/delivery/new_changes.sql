select
    change_id::varchar, change_seq, rule_id, rule_name, group_name, state, severity,
    coalesce(targets, [])
from alert_changes
where change_seq > $after_seq
order by change_seq
limit $most
