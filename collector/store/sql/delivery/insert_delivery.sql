insert into alert_deliveries by name
select
    uuid() as delivery_id, $change_id::uuid as change_id, $change_seq as change_seq,
    $target as target, $rule_id as rule_id, $rule_name as rule_name, $group as group_name,
    $severity as severity, $alert_state as alert_state, $reason as reason, $state as state,
    0 as attempts, $now_ns as created_ns, $next_ns as next_ns, $ended_ns as ended_ns,
    $error as error
