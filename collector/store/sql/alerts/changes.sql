-- Changes of alerts in [$since_ns, $until_ns), the newest first.
select
    replace(change_id::varchar, '-', '') as change_id, rule_id, rule_name, group_name, state,
    severity, "value", threshold, unit, since_ns, changed_ns, targets, owner, note, metric, scope,
    summary
from alert_changes
where changed_ns >= $since_ns and changed_ns < $until_ns
  and ($rule_id::varchar is null or rule_id = $rule_id)
  and ($group::varchar is null or group_name = $group)
order by change_seq desc
limit $limit
