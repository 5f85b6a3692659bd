-- The newest change of each alert that has a state.
select
    replace(change_id::varchar, '-', '') as change_id, rule_id, rule_name, group_name, state,
    severity, "value", threshold, unit, since_ns, changed_ns, targets, owner, note, metric, scope,
    summary
from alert_changes
where (rule_id, group_name) in (select (rule_id, group_name) from alert_states)
qualify row_number() over (partition by rule_id, group_name order by change_seq desc) = 1
