insert into alert_changes
select
    $change_id, $rule_id, $rule_name, $group_name, $state, $severity, $value, $threshold, $unit,
    $since_ns, $changed_ns, $targets::varchar[], $owner, $note, $metric, $scope, $summary,
    coalesce((select max(change_seq) from alert_changes), 0) + 1
