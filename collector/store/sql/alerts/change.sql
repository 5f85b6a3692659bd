-- One change by its id.
select
    replace(change_id::varchar, '-', '') as change_id, rule_id, rule_name, group_name, state,
    severity, "value", threshold, unit, since_ns, changed_ns, targets, owner, note, metric, scope,
    summary
from alert_changes
where replace(change_id::varchar, '-', '') = $id
